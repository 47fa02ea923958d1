import type * as k8s from "@pulumi/kubernetes";

type PolicyRule = k8s.types.input.rbac.v1.PolicyRule;

const READ = ["get", "list", "watch"];
const CHANGE = [...READ, "create", "update", "patch", "delete"];

/**
 * What an update of a platform's own objects does in one of its namespaces: it makes, changes and deletes what the
 * program renders there, and reads what tells whether that has come up.
 *
 * Neither `escalate` nor `bind`: the roles that the program gives its workloads hold nothing that is not here, so that
 * the API server lets this account hand them out, and none that would be more.
 */
export const NAMESPACE_RULES: readonly PolicyRule[] = [
  rule("", "configmaps persistentvolumeclaims secrets serviceaccounts services", CHANGE),
  rule("", "endpoints events pods", READ),
  rule("", "pods/log", ["get", "list"]),
  rule("apps", "deployments statefulsets", CHANGE),
  rule("apps", "controllerrevisions replicasets", READ),
  rule("autoscaling", "horizontalpodautoscalers", CHANGE),
  rule("batch", "cronjobs jobs", CHANGE),
  rule("batch", "jobs/status", READ),
  rule("discovery.k8s.io", "endpointslices", READ),
  rule("networking.k8s.io", "ingresses networkpolicies", CHANGE),
  rule("policy", "poddisruptionbudgets", CHANGE),
  rule("rbac.authorization.k8s.io", "rolebindings roles", CHANGE),
  // Custom resources that the program renders, of whichever operators a stack uses.
  ...[
    "cert-manager.io",
    "cloud.google.com",
    "external-secrets.io",
    "jetstream.nats.io",
    "keda.sh",
    "monitoring.coreos.com",
    "monitoring.googleapis.com",
    "networking.gke.io",
    "secret-sync.gke.io",
    "secrets-store.csi.x-k8s.io",
  ].map((group) => rule(group, "*", CHANGE)),
];

/** The same of what belongs to no namespace: the platform's own namespaces, and this role, by name. */
export function clusterRules(role: string, namespaces: readonly string[]): PolicyRule[] {
  return [
    { ...rule("", "namespaces", ["get", "watch", "update", "patch"]), resourceNames: [...namespaces] },
    {
      ...rule("rbac.authorization.k8s.io", "clusterrolebindings clusterroles", ["get", "watch"]),
      resourceNames: [role],
    },
  ];
}

function rule(group: string, resources: string, verbs: readonly string[]): PolicyRule {
  return { apiGroups: [group], resources: resources.split(" "), verbs: [...verbs] };
}
