import type * as k8s from "@pulumi/kubernetes";

type ObjectMeta = k8s.types.input.meta.v1.ObjectMeta;
type PolicyRule = k8s.types.input.rbac.v1.PolicyRule;

/**
 * What the tools `container` and `script` of playbooks need to run a Job and to read its outcome. The platform's own
 * manifests also let workers get ConfigMaps and Secrets, and so read every Secret of their namespace, the server's
 * encryption key among them. The tools only make those of a Job and delete them, so that right is left out.
 */
export const RUNS_JOBS: readonly PolicyRule[] = [
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
  { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get", "list"] },
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "delete"] },
  { apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete"] },
];

/** Reading one Secret, by its name, and no other. */
export function readsSecret(secret: string): readonly PolicyRule[] {
  return [{ apiGroups: [""], resources: ["secrets"], resourceNames: [secret], verbs: ["get", "list", "watch"] }];
}

/** An account whose pods carry no token unless they say so. */
export function serviceAccount(metadata: ObjectMeta): k8s.core.v1.ServiceAccountArgs {
  return { metadata, automountServiceAccountToken: false };
}

export function role(metadata: ObjectMeta, rules: readonly PolicyRule[]): k8s.rbac.v1.RoleArgs {
  return { metadata, rules: [...rules] };
}

/** Gives a Role to the account of the same name. */
export function roleBinding(metadata: ObjectMeta, name: string, namespace: string): k8s.rbac.v1.RoleBindingArgs {
  return {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  };
}
