import { describe, expect, test } from "@jest/globals";
import { executionOwners } from "../../../preview/checks/execution-owners";
import { env, findingsOf, graph, workload } from "../support";

function server(replicas: number, variables: Record<string, string>) {
  return graph(
    workload({ kind: "StatefulSet", name: "server", container: { env: env(variables) }, spec: { replicas } }),
  );
}

const COHERENT = { NOETL_REPLICA_COHERENCE: "nats_kv" };

describe("owners of executions", () => {
  test("given servers that own everything together, when checked, then a shard for each is proposed", () => {
    expect(findingsOf(executionOwners, server(3, COHERENT))).toEqual([
      {
        severity: "warning",
        rule: "execution-owners",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::server",
        message: "3 servers own all executions together: two that write events of one at once fork its history",
        fix: "set noetl:server.shards.count to 3, a shard for each server",
      },
    ]);
  });

  test.each([
    ["servers that hand events to the owner", server(3, { ...COHERENT, NOETL_EXECUTION_AFFINITY: "true" })],
    ["one server", server(1, COHERENT)],
    ["several pods of something else", server(3, {})],
  ])("given %s, when checked, then nothing is found", (_, shown) => {
    expect(findingsOf(executionOwners, shown)).toEqual([]);
  });
});
