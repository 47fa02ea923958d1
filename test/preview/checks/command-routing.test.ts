import { describe, expect, test } from "@jest/globals";
import { commandRouting } from "../../../preview/checks/command-routing";
import { env, findingsOf, graph, workload } from "../support";

function pool(filter: string) {
  return workload({ kind: "Deployment", name: filter, container: { env: env({ NATS_FILTER_SUBJECT: filter }) } });
}

const SERVER = workload({
  kind: "Deployment",
  name: "server",
  container: { env: env({ NOETL_PUBLIC_SERVER_URL: "http://server:8082" }) },
});

function missing(segment: string) {
  return {
    severity: "warning",
    rule: "command-routing",
    resource: "noetl:workerPools",
    message: `no worker pool takes noetl.commands.${segment}.>: executions that need it stay RUNNING for ever`,
    fix: `add an entry to noetl:workerPools with filterSubject: noetl.commands.${segment}.>`,
  };
}

describe("command routing", () => {
  test.each([
    ["a pool for each segment", ["noetl.commands.shared.>", "noetl.commands.system.>"]],
    ["one pool for everything", ["noetl.commands.>"]],
  ])("given %s, when checked, then nothing is found", (_, filters) => {
    expect(findingsOf(commandRouting, graph(SERVER, ...filters.map(pool)))).toEqual([]);
  });

  test("given no server, when checked, then nobody needs a pool", () => {
    expect(findingsOf(commandRouting, graph(workload()))).toEqual([]);
  });

  test.each([
    ["no pool for the server's own steps", ["noetl.commands.shared.>"], ["system"]],
    ["pools for other segments only", ["noetl.commands.subscription.>"], ["system", "shared"]],
    ["no pool at all", [], ["system", "shared"]],
  ])("given %s, when checked, then says what stays without a worker", (_, filters, segments) => {
    expect(findingsOf(commandRouting, graph(SERVER, ...filters.map(pool)))).toEqual(segments.map(missing));
  });
});
