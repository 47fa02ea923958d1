import { quantityValue } from "../../../components/kubernetes/quantity";
import type { KubeClient } from "../support/kube";
import { isReady, type KubeObject } from "../support/objects";

interface WorkloadSpec {
  replicas?: number;
  volumeClaimTemplates?: Claim[];
}

interface Claim extends KubeObject {
  spec: { storageClassName: string; resources: { requests: { storage: string } } };
}

/** Kinds that make pods. */
const KINDS = ["Deployment", "StatefulSet", "Job"];

/** Whether an object makes pods. */
export function isWorkload({ kind }: KubeObject): boolean {
  return KINDS.includes(kind);
}

/** How many pods each workload shall have: `namespace/app` → number. */
export function wantedPods(objects: readonly KubeObject[]): Record<string, number> {
  return count(
    objects.filter(isWorkload).flatMap((workload) => {
      const { replicas = 1 } = workload.spec as WorkloadSpec;
      return Array.from({ length: replicas }, () => appOf(workload));
    }),
  );
}

/** How many pods of each workload are ready, or have succeeded as those of Jobs do. */
export async function goodPods(kube: KubeClient, namespaces: readonly string[]): Promise<Record<string, number>> {
  const pods = await Promise.all(namespaces.map((namespace) => kube.list("v1", "Pod", { namespace })));
  return count(pods.flat().filter(isGood).map(appOf));
}

function isGood(pod: KubeObject): boolean {
  const { phase } = pod.status as { phase: string };
  return phase === "Succeeded" || isReady(pod);
}

function appOf({ metadata: { namespace = "", labels = {} } }: KubeObject): string {
  return `${namespace}/${labels.app ?? ""}`;
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What is asked of a pod: the index that its StatefulSet's controller gave it, by `namespace/name` of the pod. */
export async function podIndexes(kube: KubeClient, namespaces: readonly string[]): Promise<Record<string, string>> {
  const pods = await Promise.all(namespaces.map((namespace) => kube.list("v1", "Pod", { namespace })));
  return Object.fromEntries(
    pods.flat().flatMap(({ metadata: { name, namespace = "", labels = {} } }) => {
      const index = labels["apps.kubernetes.io/pod-index"];
      return index === undefined ? [] : [[`${namespace}/${name}`, index]];
    }),
  );
}

/** The index of each pod of the StatefulSets: what a server takes its machine id and its shard from. */
export function wantedIndexes(objects: readonly KubeObject[]): Record<string, string> {
  return Object.fromEntries(
    objects
      .filter(({ kind }) => kind === "StatefulSet")
      .flatMap(({ metadata: { name, namespace = "" }, spec }) => {
        const { replicas = 1 } = spec as WorkloadSpec;
        return Array.from({ length: replicas }, (_, index) => [`${namespace}/${name}-${index}`, String(index)]);
      }),
  );
}

/** A volume claim: its name as `namespace/name`, class and bytes. */
export interface ClaimFacts {
  name: string;
  storageClass: string;
  bytes: number;
}

/** The claims that the StatefulSets shall have, by name. */
export function wantedClaims(objects: readonly KubeObject[]): ClaimFacts[] {
  const claims = objects
    .filter(({ kind }) => kind === "StatefulSet")
    .flatMap(({ metadata, spec }) => {
      const { replicas = 1, volumeClaimTemplates = [] } = spec as WorkloadSpec;
      return volumeClaimTemplates.flatMap((claim) =>
        Array.from({ length: replicas }, (_, index) => ({
          ...claim,
          metadata: { name: `${claim.metadata.name}-${metadata.name}-${index}`, namespace: metadata.namespace ?? "" },
        })),
      );
    });
  return sorted(claims.map(factsOf));
}

/** The claims that are bound to a volume. */
export async function boundClaims(kube: KubeClient, namespaces: readonly string[]): Promise<ClaimFacts[]> {
  const claims = await Promise.all(
    namespaces.map((namespace) => kube.list<Claim>("v1", "PersistentVolumeClaim", { namespace })),
  );
  return sorted(claims.flat().filter(isReady).map(factsOf));
}

function factsOf({ metadata, spec }: Claim): ClaimFacts {
  return {
    name: `${metadata.namespace ?? ""}/${metadata.name}`,
    storageClass: spec.storageClassName,
    bytes: quantityValue(spec.resources.requests.storage),
  };
}

function sorted(claims: ClaimFacts[]): ClaimFacts[] {
  return claims.sort((a, b) => (a.name < b.name ? -1 : 1));
}
