import type { Manifest, ResourceGraph } from "../../preview/graph";
import { manifestOf } from "../../preview/graph";
import type { JsonObject } from "../../preview/json";

/** An object of the program, and the resource that makes it. */
export interface Planned {
  urn: string;
  manifest: Manifest;
}

/** What names an object for people: `Deployment noetl/noetl-server-rust`. */
export function nameOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind} ${idOf({ metadata: { namespace, name } })}`;
}

/** The id that Pulumi knows a Kubernetes object by. */
export function idOf({ metadata: { namespace, name } }: { metadata: { namespace?: string; name: string } }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Every Kubernetes object of a program, in its order. */
export function plannedObjects(graph: ResourceGraph): Planned[] {
  return graph.resources.flatMap((resource) => {
    const manifest = resource.custom ? manifestOf(resource) : undefined;
    return manifest === undefined ? [] : [{ urn: resource.urn, manifest }];
  });
}

/** Kinds that a live installation may have beside those of the program. */
const MORE_KINDS: [apiVersion: string, ...kinds: string[]][] = [
  ["v1", "ConfigMap", "PersistentVolumeClaim", "Secret", "Service", "ServiceAccount"],
  ["apps/v1", "DaemonSet", "Deployment", "StatefulSet"],
  ["batch/v1", "CronJob", "Job"],
  ["rbac.authorization.k8s.io/v1", "Role", "RoleBinding"],
  ["networking.k8s.io/v1", "Ingress", "NetworkPolicy"],
  ["policy/v1", "PodDisruptionBudget"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
];

/** Which kinds to list in the namespaces of the program, each once. */
export function listedKinds(planned: readonly Planned[]): { apiVersion: string; kind: string }[] {
  const kinds = [
    ...MORE_KINDS.flatMap(([apiVersion, ...names]) => names.map((kind) => ({ apiVersion, kind }))),
    ...planned.filter(({ manifest }) => manifest.metadata.namespace !== undefined).map(({ manifest }) => manifest),
  ];
  return [...new Map(kinds.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }])).values()];
}

/** Whether Kubernetes, not a person, has put an object there. */
export function isByOthers({ kind, type, metadata }: JsonObject & Manifest): boolean {
  if (Array.isArray(metadata.ownerReferences) && metadata.ownerReferences.length > 0) return true;
  if (kind === "ServiceAccount") return metadata.name === "default";
  if (kind === "ConfigMap") return metadata.name === "kube-root-ca.crt";
  // The claims of a StatefulSet belong to it, though nothing in them says so.
  return kind === "Secret" && (type === "helm.sh/release.v1" || type === "kubernetes.io/service-account-token");
}

/** Helm's own record of a release; undefined for anything else. */
export function helmReleaseOf({ kind, type, metadata }: JsonObject & Manifest): string | undefined {
  if (kind !== "Secret" || type !== "helm.sh/release.v1") return undefined;
  const { labels, namespace = "", name } = metadata;
  const release = (labels as JsonObject | undefined)?.name;
  return `${namespace}/${typeof release === "string" ? release : name}`;
}
