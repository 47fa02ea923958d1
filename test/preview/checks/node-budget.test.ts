import { describe, expect, test } from "@jest/globals";
import { nodeBudget } from "../../../preview/checks/node-budget";
import { amounts, findingsOf, graph, workload } from "../support";

const nodes = (count: number, cpu: string, memory: string) => ({
  cluster: { context: "kind", nodes: { count, cpu, memory } },
});
const pods = (replicas: number, requests: string) =>
  workload({ spec: { replicas }, container: { resources: amounts(requests, "8 16Gi") } });

describe("node budget", () => {
  test("given no nodes in the stack file, when checked, then nothing is found", () => {
    expect(findingsOf(nodeBudget, graph(pods(1000, "8 16Gi")))).toEqual([]);
  });

  test("given requests that fill the nodes exactly, when checked, then nothing is found", () => {
    expect(findingsOf(nodeBudget, graph(pods(10, "100m 100Mi")), nodes(1, "1", "1000Mi"))).toEqual([]);
  });

  test("given more requests than the nodes have, when checked, then both sums are named", () => {
    expect(findingsOf(nodeBudget, graph(pods(3, "1 1Gi")), nodes(2, "1", "8Gi"))).toEqual([
      {
        severity: "error",
        rule: "node-budget",
        resource: "noetl:cluster.nodes",
        message: "all pods request 3 cpu, but 2 nodes × 1 = 2",
        fix: "lower requests (noetl:server.resources, noetl:workerPools[].resources or replicas), or give noetl:cluster.nodes more",
      },
    ]);
  });

  test("given a pod larger than a node, when checked, then the pod is named", () => {
    expect(findingsOf(nodeBudget, graph(pods(1, "1 3Gi")), nodes(2, "4", "2Gi"))).toEqual([
      {
        severity: "error",
        rule: "node-budget",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::app",
        message: "one pod of Deployment noetl/app requests 3Gi memory, but a node has 2Gi",
        fix: "lower its memory request, or use larger nodes (noetl:cluster.nodes.memory)",
      },
    ]);
  });

  test("given an init container that needs more than the main one, when checked, then the larger counts", () => {
    const initContainers = [{ name: "init", image: "a:1", resources: amounts("3 1Gi", "3 1Gi") }];
    const pod = workload({ podSpec: { initContainers }, container: { resources: amounts("1 1Gi", "1 1Gi") } });
    expect(findingsOf(nodeBudget, graph(pod), nodes(1, "2", "8Gi"))).toHaveLength(2);
  });
});
