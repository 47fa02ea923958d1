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
  const isSystem = segment === "system";
  return {
    severity: "warning",
    rule: "command-routing",
    resource: isSystem ? "noetl:systemPool" : "noetl:workerPools",
    message: `no worker pool takes noetl.commands.${segment}.>: executions that need it stay RUNNING for ever`,
    fix: isSystem
      ? "give noetl:systemPool at least one replica, and subject: noetl.commands"
      : `add an entry to noetl:workerPools with filterSubject: noetl.commands.${segment}.>`,
  };
}

const PYTHON = workload({
  kind: "Deployment",
  name: "python",
  container: { env: env({ NATS_SUBJECT: "noetl.commands", NOETL_WORKER_POOL_SEGMENTS: "shared,python" }) },
});

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

  test("given a Python pool, when checked, then it takes what its segments say", () => {
    expect(findingsOf(commandRouting, graph(SERVER, PYTHON))).toEqual([missing("system")]);
  });

  test("given pools without pods, when checked, then they take nothing", () => {
    const idle = workload({
      kind: "Deployment",
      name: "idle",
      spec: { replicas: 0 },
      container: { env: env({ NATS_FILTER_SUBJECT: "noetl.commands.>" }) },
    });
    expect(findingsOf(commandRouting, graph(SERVER, idle))).toEqual(["system", "shared"].map(missing));
  });

  test("given a subscription, when no pool takes its segment, then it is named", () => {
    const pools = ["noetl.commands.shared.>", "noetl.commands.system.>"].map(pool);
    const subscriptions = [{ name: "iot", path: "subscriptions/iot", segment: "iot" }];
    expect(findingsOf(commandRouting, graph(SERVER, ...pools), { subscriptions })).toEqual([missing("iot")]);
  });
});
