import type { Finding } from "../checks/check";
import type { ResourceGraph } from "../graph";
import { commonLabels } from "./common-labels";
import { dataProtected } from "./data-protected";
import { disruptionBudgets } from "./disruption-budgets";
import { imagesByDigest, unpinnedImages } from "./images";
import { networkPolicies } from "./network-policies";
import { objectNames } from "./object-names";
import { plaintextSecrets } from "./plaintext-secrets";
import { policyContext, type Policy, type PolicyContext } from "./policy";
import { probesSet } from "./probes-set";
import { rbacPrivileges } from "./rbac-privileges";
import { resourcesSet } from "./resources-set";
import { restrictedPods } from "./restricted-pods";
import { selectors } from "./selectors";
import { zoneSpread } from "./zone-spread";

export type { Policy, PolicyContext };
export { policyContext };

/** Every policy, in the order in which findings of one severity are shown. */
export const POLICIES: readonly Policy[] = [
  restrictedPods,
  plaintextSecrets,
  rbacPrivileges,
  networkPolicies,
  dataProtected,
  unpinnedImages,
  imagesByDigest,
  resourcesSet,
  probesSet,
  disruptionBudgets,
  zoneSpread,
  objectNames,
  commonLabels,
  selectors,
];

/** Where a graph breaks a policy. */
export function violationsOf({ id, severity, fix, find, productionOnly }: Policy, context: PolicyContext): Finding[] {
  if (productionOnly && !context.production) return [];
  return find(context).map(({ resource, message }) => ({ severity, rule: id, resource, message, fix }));
}

/** Runs every policy on a graph. */
export function runPolicies(graph: ResourceGraph, production: boolean): Finding[] {
  const context = policyContext(graph, production);
  return POLICIES.flatMap((policy) => violationsOf(policy, context));
}
