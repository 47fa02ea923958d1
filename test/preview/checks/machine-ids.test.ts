import { describe, expect, test } from "@jest/globals";
import { machineIds } from "../../../preview/checks/machine-ids";
import type { Json } from "../../../preview/graph";
import { env, findingsOf, graph, workload, type WorkloadOptions } from "../support";

const FROM_INDEX = { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } };

function server(
  kind: "Deployment" | "StatefulSet",
  replicas: number,
  id: string | Record<string, Json>,
  name = "server",
) {
  const options: WorkloadOptions = {
    kind,
    name,
    spec: { replicas },
    container: { env: env({ NOETL_SERVER_MACHINE_ID: id }) },
  };
  return workload(options);
}

describe("machine ids", () => {
  test.each([
    ["a single server with a fixed id", [server("Deployment", 1, "1023")]],
    ["a StatefulSet with the pod index", [server("StatefulSet", 1024, FROM_INDEX)]],
    ["two servers with different ids", [server("Deployment", 1, "1"), server("Deployment", 1, "2", "other")]],
    [
      "ids beside those of a StatefulSet",
      [server("StatefulSet", 3, FROM_INDEX), server("Deployment", 1, "3", "other")],
    ],
    ["no server at all", [workload()]],
  ])("given %s, when checked, then nothing is found", (_, nodes) => {
    expect(findingsOf(machineIds, graph(...nodes))).toEqual([]);
  });

  test("given a Deployment of two pods with a fixed id, when checked, then it is an error that names the way out", () => {
    expect(findingsOf(machineIds, graph(server("Deployment", 2, "7")))).toEqual([
      {
        severity: "error",
        rule: "machine-ids",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::server",
        message: "2 pods share machine id 7",
        fix: "give a single server a free noetl:server.machineId (0 to 1023), and let more noetl:server.replicas be a StatefulSet",
      },
    ]);
  });

  test.each([
    [
      "more pods than ids",
      [server("StatefulSet", 1025, FROM_INDEX)],
      "1025 pods need machine ids up to 1024, but 1023 is the highest",
    ],
    ["an id beyond ten bits", [server("Deployment", 1, "1024")], "machine id '1024' is not a number of 0 to 1023"],
    ["an id that is no number", [server("Deployment", 1, "abc")], "machine id 'abc' is not a number of 0 to 1023"],
    [
      "the pod index in a Deployment",
      [server("Deployment", 1, FROM_INDEX)],
      "pods of a Deployment have no index to take a machine id from",
    ],
    [
      "a pod's name as its id",
      [server("StatefulSet", 2, { fieldRef: { fieldPath: "metadata.name" } })],
      "machine id comes from metadata.name, not from the pod's index",
    ],
    [
      "two servers with one id",
      [server("Deployment", 1, "1"), server("Deployment", 1, "1", "other")],
      "takes machine id 1, which overlaps machine id 1 of Deployment noetl/server",
    ],
    [
      "an id within those of a StatefulSet",
      [server("StatefulSet", 3, FROM_INDEX), server("Deployment", 1, "2", "other")],
      "takes machine id 2, which overlaps machine ids 0 to 2 of StatefulSet noetl/server",
    ],
  ])("given %s, when checked, then it is an error", (_, nodes, message) => {
    expect(findingsOf(machineIds, graph(...nodes))).toMatchObject([{ severity: "error", message }]);
  });
});
