import { bytesText } from "../amounts";
import { manifestOf, type Resource } from "../graph";
import { at } from "../json";
import type { Workload } from "../workloads";
import type { Effect } from "./report";

/** Kinds of Kubernetes whose objects hold data, or on which data depends. */
const KINDS: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: "the claim goes, and with the usual reclaim policy its disk",
  PersistentVolume: "the volume goes out of reach; its disk stays or goes by its reclaim policy",
  Namespace: "Kubernetes deletes everything in the namespace, volume claims included",
  CustomResourceDefinition: "Kubernetes deletes every object of the kind with its definition",
  Stream: "NACK deletes the stream in NATS, with its messages",
  KeyValue: "NACK deletes the bucket in NATS, with its values",
  ObjectStore: "NACK deletes the bucket in NATS, with its objects",
};

/** Types of other providers, by the beginning of their type token. */
const TYPES: readonly [prefix: string, text: string][] = [
  ["gcp:sql/databaseInstance:", "Google deletes the instance with its databases; backups go with it unless kept"],
  ["gcp:sql/database:", "Google drops the database with its tables"],
  ["gcp:storage/bucket:", "Google deletes the bucket with its objects, or refuses while it has any"],
  ["gcp:firestore/database:", "Google deletes the database with its documents"],
  ["gcp:compute/disk:", "Google deletes the disk"],
  ["gcp:artifactregistry/repository:", "Google deletes the repository with its images"],
  ["gcp:secretmanager/secret:", "Google deletes the secret with all its versions"],
  ["gcp:kms/cryptoKey:", "Google destroys the key: what it encrypts cannot be read any more"],
  [
    "gcp:container/cluster:",
    "Google deletes the cluster with everything that runs in it, and its volumes go out of reach",
  ],
];

/** A generated key that something is encrypted with, by its name in the program. */
const ENCRYPTION_KEY = /\$?random:[^:]*:Random[^:]*::[^:]*encryption[^:]*$/;

/** Why deleting a resource, or making it anew, puts data at risk; undefined when it holds none. */
function dataOf(resource: Resource, workload: Workload | undefined): string | undefined {
  const manifest = manifestOf(resource);
  if (ENCRYPTION_KEY.test(resource.urn)) return "the key is forgotten: what it encrypts cannot be read any more";
  if (!manifest) return TYPES.find(([prefix]) => resource.type.startsWith(prefix))?.[1];
  if (workload?.kind === "StatefulSet" && workload.volumeClaims.length > 0) return claimsText(workload);
  return KINDS[manifest.kind];
}

/** The effect of deleting a resource or making it anew on the data it holds, and on what somebody protected. */
export function dataEffects(resource: Resource, workload: Workload | undefined): Effect[] {
  const why = dataOf(resource, workload);
  const guarded = resource.protect ? "protect" : resource.retainOnDelete ? "retainOnDelete" : undefined;
  if (why !== undefined) return [{ impact: "data-at-risk", reason: why, fields: [], rule: "data" }];
  if (guarded === undefined) return [];
  const reason = `somebody marked it as precious (${guarded})`;
  return [{ impact: "data-at-risk", reason, fields: [], rule: "data-guarded" }];
}

function claimsText({ manifest, volumeClaims }: Workload): string {
  const sizes = volumeClaims.map(({ name, storage }) => `${name} (${bytesText(storage)})`).join(", ");
  const deleted = at(manifest.spec, "persistentVolumeClaimRetentionPolicy", "whenDeleted") === "Delete";
  return deleted
    ? `its volume claims are deleted with it (whenDeleted: Delete): ${sizes}`
    : `all pods that serve the claims ${sizes} go at once; the claims themselves stay, with their size and class`;
}
