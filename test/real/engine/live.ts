import type { KubeClient } from "../support/kube";
import { KubeError } from "../support/kube-http";
import { isReady, type KubeObject } from "../support/objects";

const GOOGLE_MONITORING = "monitoring.googleapis.com/v1";

/** Every kind that the platform has. */
const KINDS: [apiVersion: string, ...kinds: string[]][] = [
  ["v1", "Namespace", "ServiceAccount", "Service", "Secret", "ConfigMap"],
  ["apps/v1", "Deployment", "StatefulSet"],
  ["batch/v1", "Job", "CronJob"],
  ["policy/v1", "PodDisruptionBudget"],
  ["networking.k8s.io/v1", "NetworkPolicy", "Ingress"],
  ["networking.gke.io/v1", "ManagedCertificate"],
  ["networking.gke.io/v1beta1", "FrontendConfig"],
  ["cloud.google.com/v1", "BackendConfig"],
  ["keda.sh/v1alpha1", "ScaledObject"],
  ["rbac.authorization.k8s.io/v1", "Role", "RoleBinding"],
  [GOOGLE_MONITORING, "PodMonitoring", "Rules", "ClusterRules"],
];

/** Whether the cluster knows the kinds of Google Managed Prometheus: their definitions are not everywhere to be had. */
export async function knowsGoogleMonitoring(kube: KubeClient): Promise<boolean> {
  try {
    await kube.resourceOf(GOOGLE_MONITORING, "Rules");
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}

/** All objects in the cluster that carry the platform's mark, of the kinds that the program makes; none that Kubernetes makes for others, as the Jobs of a CronJob. */
export async function platformObjects(kube: KubeClient): Promise<KubeObject[]> {
  const isWatched = await knowsGoogleMonitoring(kube);
  const known = KINDS.filter(([apiVersion]) => isWatched || apiVersion !== GOOGLE_MONITORING);
  const kinds = known.flatMap(([apiVersion, ...names]) => names.map((kind) => ({ apiVersion, kind })));
  const labelSelector = "app.kubernetes.io/part-of=noetl";
  const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => kube.list(apiVersion, kind, { labelSelector })));
  return lists.flat().filter(({ metadata }) => metadata.ownerReferences === undefined);
}

/** `Kind namespace/name` of each, sorted. */
export function namesOf(objects: readonly Pick<KubeObject, "kind" | "metadata">[]): string[] {
  return objects
    .map(
      ({ kind, metadata: { namespace, name } }) => `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
    )
    .sort();
}

/** Names of those that have not become what they are meant to be. */
export function notReady(objects: readonly KubeObject[]): string[] {
  return namesOf(objects.filter((object) => !isReady(object)));
}
