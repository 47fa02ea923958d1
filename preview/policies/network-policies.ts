import { isSelected } from "../network/reach";
import { podOf, worldOf } from "../network/world";
import type { Policy } from "./policy";

/** Whether policies are there; whether they let through what must get through is the check `network`. */
export const networkPolicies: Policy = {
  id: "network-policies",
  title: "Network policies cover every pod in both directions; only a laptop may have none at all.",
  reason:
    "A pod that no policy selects may be reached by every pod of the cluster and may reach all of them and the internet: one that is taken over is a way to all.",
  severity: "error",
  fix: "make the namespace one of stacks/namespaces.ts, each of which denies by default, and take out noetl:networkPolicy.mode: off",
  find: ({ graph, workloads, production }) => {
    const { policies } = worldOf(graph);
    if (policies.length === 0 && !production) return [];
    return workloads.flatMap((workload) => {
      const pod = podOf(workload);
      return (["ingress", "egress"] as const).flatMap((direction) => {
        if (policies.some((policy) => policy[direction] !== undefined && isSelected(policy, pod))) return [];
        const what = direction === "ingress" ? "what connects to its pods" : "what its pods connect to";
        return {
          resource: workload.resource.urn,
          message: `no network policy of namespace ${workload.namespace} is about ${what}: everything is allowed`,
        };
      });
    });
  },
};
