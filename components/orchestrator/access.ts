import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import type { OrchestratorFacts, Rights } from "./facts";
import { metadata, orchestratorLabels } from "./manifests";
import { clusterRules, NAMESPACE_RULES } from "./rights";

const RBAC = "rbac.authorization.k8s.io";

/** Gives the orchestrator's account what updates by Pulumi need. */
export function grantRights(
  facts: Pick<OrchestratorFacts, "name" | "namespace">,
  rights: Rights,
  namespaces: readonly Namespace[],
  opts: pulumi.CustomResourceOptions,
): void {
  const { name, namespace } = facts;
  const subjects = [{ kind: "ServiceAccount", name, namespace: namespace.name }];
  const own = { name, labels: orchestratorLabels(name) };
  if (rights === "clusterAdmin") {
    const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" };
    new k8s.rbac.v1.ClusterRoleBinding(name, { metadata: own, roleRef, subjects }, opts);
    return;
  }
  const rules = clusterRules(
    name,
    namespaces.map((one) => one.name),
  );
  new k8s.rbac.v1.ClusterRole(name, { metadata: own, rules }, opts);
  const clusterRef = { apiGroup: RBAC, kind: "ClusterRole", name };
  new k8s.rbac.v1.ClusterRoleBinding(name, { metadata: own, roleRef: clusterRef, subjects }, opts);
  for (const one of namespaces) {
    const placed = metadata({ name, namespace: one });
    const child = `${name}-${one.name}`;
    new k8s.rbac.v1.Role(child, { metadata: placed, rules: [...NAMESPACE_RULES] }, opts);
    const roleRef = { apiGroup: RBAC, kind: "Role", name };
    new k8s.rbac.v1.RoleBinding(child, { metadata: placed, roleRef, subjects }, opts);
  }
}
