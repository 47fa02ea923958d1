import { bytesText, counted, cpuText } from "../amounts";
import { quantityValue } from "../../components/kubernetes/quantity";
import { podAmounts } from "../totals";
import { title, type Check, type Finding } from "./check";

/**
 * The scheduler places a pod only where its requests fit. A platform that asks for more than the nodes have starts in
 * part and leaves the rest pending. Checked only when noetl:cluster.nodes says what there is.
 */
export const nodeBudget: Check = {
  id: "node-budget",
  title: "All pods together fit the nodes, and the largest pod fits one node.",
  run: ({ workloads, config }) => {
    const { nodes } = config.cluster;
    if (!nodes) return [];
    const findings: Finding[] = [];
    for (const amount of ["cpu", "memory"] as const) {
      const text = amount === "cpu" ? cpuText : bytesText;
      const node = quantityValue(nodes[amount]);
      const asked = workloads.map((workload) => ({ workload, request: podAmounts(workload).requests[amount] }));
      // Jobs run while an update rolls, so their pods need room beside all others.
      const total = asked.reduce((sum, { workload, request }) => sum + workload.replicas.count * request, 0);
      const all = node * nodes.count;
      if (total > all * (1 + 1e-9)) {
        findings.push({
          severity: "error",
          rule: nodeBudget.id,
          resource: "noetl:cluster.nodes",
          message: `all pods request ${text(total)} ${amount}, but ${counted(nodes.count, "node")} × ${text(node)} = ${text(all)}`,
          fix: "lower requests (noetl:server.resources, noetl:workerPools[].resources or replicas), or give noetl:cluster.nodes more",
        });
      }
      for (const { workload, request } of asked.filter(({ request }) => request > node)) {
        findings.push({
          severity: "error",
          rule: nodeBudget.id,
          resource: workload.resource.urn,
          message: `one pod of ${title(workload)} requests ${text(request)} ${amount}, but a node has ${text(node)}`,
          fix: `lower its ${amount} request, or use larger nodes (noetl:cluster.nodes.${amount})`,
        });
      }
    }
    return findings;
  },
};
