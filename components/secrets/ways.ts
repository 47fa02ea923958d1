/** The ways in which a value of Secret Manager reaches a pod on GKE, and what each of them gives. */

export const GCP_WAYS = ["secretSync", "csi", "externalSecrets", "gkeAddOn"] as const;
export type GcpWay = (typeof GCP_WAYS)[number];

/** What a pod may ask of a secret provider. */
export type Need = "secretKeyRef" | "files";

interface WayFacts {
  /** Its name for people. */
  title: string;
  gives: readonly Need[];
}

export const WAY_FACTS: Readonly<Record<GcpWay, WayFacts>> = {
  secretSync: { title: "GKE secret synchronization", gives: ["secretKeyRef"] },
  csi: { title: "the open-source CSI driver", gives: ["secretKeyRef", "files"] },
  externalSecrets: { title: "the External Secrets Operator", gives: ["secretKeyRef"] },
  // It mounts files and never makes a Secret.
  gkeAddOn: { title: "GKE's Secret Manager add-on", gives: ["files"] },
};

/** The ways that give all of what is needed. */
export function waysThatGive(needs: readonly Need[]): GcpWay[] {
  return GCP_WAYS.filter((way) => needs.every((need) => WAY_FACTS[way].gives.includes(need)));
}
