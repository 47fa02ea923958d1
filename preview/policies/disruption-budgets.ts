import { budgetsOf, evictable } from "../budgets";
import { isClustered } from "../nats/conf";
import { natsServersOf } from "../nats/servers";
import type { Workload } from "../workloads";
import { isReplicated, type Policy, type PolicyContext } from "./policy";

/** Whether a budget is there and can be kept; how many servers of NATS may go is the check `nats-quorum`. */
export const disruptionBudgets: Policy = {
  id: "disruption-budgets",
  title:
    "What has a quorum, or in production several replicas, has one PodDisruptionBudget that lets some pods go, not all.",
  reason:
    "Whoever drains nodes, an upgrade of the cluster included, evicts all pods on them at once unless a budget forbids it; one that lets no pod go blocks the drain for ever.",
  severity: "warning",
  fix: "add a PodDisruptionBudget with maxUnavailable: 1 (oneAtATime of components/kubernetes/disruption-budget.ts)",
  find: (context) => {
    const isQuorate = quorateIn(context);
    return context.workloads.flatMap((workload) => {
      const several = context.production && isReplicated(workload) && workload.replicas.max > 1;
      if (!several && !isQuorate(workload)) return [];
      const message = problemOf(workload, context);
      return message === undefined ? [] : [{ resource: workload.resource.urn, message }];
    });
  },
};

function problemOf(workload: Workload, { graph }: PolicyContext): string | undefined {
  const { count, max } = workload.replicas;
  const pods = count === max ? `${count} pods` : `up to ${max} pods`;
  const [budget, second] = budgetsOf(workload, graph);
  if (!budget) return `no PodDisruptionBudget is about its ${pods}: draining nodes may evict all of them at once`;
  if (second) {
    return `PodDisruptionBudgets ${budget.metadata.name} and ${second.metadata.name} are both about its pods: Kubernetes then refuses every eviction`;
  }
  const going = evictable(budget, Math.max(count, 1));
  if (going === 0)
    return `PodDisruptionBudget ${budget.metadata.name} lets none of its ${pods} go: a drain of their node never ends`;
  if (count > 1 && going >= count)
    return `PodDisruptionBudget ${budget.metadata.name} lets all of its ${pods} go at once`;
  return undefined;
}

/** Servers of NATS that elect a leader: three or more, since two have no majority to keep. */
function quorateIn({ graph, workloads }: PolicyContext): (workload: Workload) => boolean {
  const servers = natsServersOf(graph, workloads);
  return ({ namespace, name, replicas }) => {
    const found = servers.get(`${namespace}/${name}`);
    return found !== undefined && isClustered(found.conf) && replicas.count > 2;
  };
}
