import { describe, expect, test } from "@jest/globals";
import { policyContext } from "../../../preview/policies";
import { disruptionBudgets } from "../../../preview/policies/disruption-budgets";
import { natsQuorum } from "../../../preview/checks/nats-quorum";
import type { Json } from "../../../preview/graph";
import { configMap, findingsOf, graph, object, type Node } from "../support";
import { nats, type NatsSettings } from "../nats/support";

const ZONE = "topology.kubernetes.io/zone";
const HOST = "kubernetes.io/hostname";

/** Constraints that keep servers apart. */
const spread = (...keys: string[]): Record<string, Json> => ({
  topologySpreadConstraints: keys.map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
  })),
});

const inZone = (zone: string): Record<string, Json> => ({ ...spread(HOST), nodeSelector: { [ZONE]: zone } });

function budget(spec: Record<string, Json>, name = "nats"): Node {
  return object({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace: "nats" },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  });
}

/** Servers that nothing is wrong with. */
function good(settings: NatsSettings = {}): Node[] {
  const whole: NatsSettings = { replicas: 3, podSpec: spread(HOST, ZONE), ...settings };
  return [...nats(whole), budget({ maxUnavailable: 1 }, whole.name)];
}

/** What is found, but for the sums. */
function found(nodes: Node[], settings: Record<string, unknown> = {}): [string, string][] {
  const findings = findingsOf(natsQuorum, graph(...nodes), settings);
  return findings.filter(({ severity }) => severity !== "info").map(({ severity, message }) => [severity, message]);
}

describe("the sums", () => {
  const sums = (...nodes: Node[][]): string[] =>
    findingsOf(natsQuorum, graph(...nodes.flat()))
      .filter(({ severity }) => severity === "info")
      .map(({ message }) => message);

  test("given one server, when checked, then the finding tells what that means and what would be better", () => {
    expect(findingsOf(natsQuorum, graph(...nats()))).toEqual([
      {
        severity: "info",
        rule: "nats-quorum",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats",
        message:
          "1 server: each stream has one copy, nothing is delivered while the server restarts, and memory streams are lost then",
        fix: "3 servers survive the loss of 1",
      },
    ]);
  });

  test.each<[string, Node[][], string[]]>([
    ["three servers", [good()], ["3 servers elect one JetStream leader: 2 must agree, 1 may be lost"]],
    ["five servers", [good({ replicas: 5 })], ["5 servers elect one JetStream leader: 3 must agree, 2 may be lost"]],
    [
      "two clusters joined by gateways",
      [good({ name: "a", peers: ["b"] }), good({ name: "b", peers: ["a"] })],
      [
        "a 3 + b 3 = 6 servers elect one JetStream leader: 4 must agree, 2 may be lost; with a or b lost, none is left to answer",
      ],
    ],
    [
      "a third one to break the tie",
      [
        good({ name: "a", peers: ["b", "c"] }),
        good({ name: "b", peers: ["a", "c"] }),
        nats({ name: "c", peers: ["a", "b"] }),
      ],
      [
        "a 3 + b 3 + c 1 = 7 servers elect one JetStream leader: 4 must agree, 3 may be lost; any one cluster may be lost",
      ],
    ],
    [
      "a cluster of another stack",
      [good({ name: "a", peers: ["far"] })],
      [
        "a 3 + far 3 = 6 servers elect one JetStream leader (far: outside this stack, taken to be as large): 4 must agree, 2 may be lost; with a or far lost, none is left to answer",
      ],
    ],
    [
      "clusters that nothing joins",
      [good({ name: "a" }), good({ name: "b" })],
      [
        "3 servers elect one JetStream leader: 2 must agree, 1 may be lost",
        "3 servers elect one JetStream leader: 2 must agree, 1 may be lost",
      ],
    ],
    ["no NATS", [[]], []],
    ["NATS without JetStream", [nats({ replicas: 3, jetstream: false })], []],
  ])("given %s, when checked, then they are printed", (_, nodes, expected) => {
    expect(sums(...nodes)).toEqual(expected);
  });
});

describe("what takes the majority away", () => {
  test.each([
    ["three servers, well kept", good()],
    [
      "five servers, of which two may go",
      [...nats({ replicas: 5, podSpec: spread(HOST, ZONE) }), budget({ maxUnavailable: 2 })],
    ],
    ["a budget in percent", [...nats({ replicas: 3, podSpec: spread(HOST) }), budget({ maxUnavailable: "30%" })]],
    ["a budget of what must stay", [...nats({ replicas: 3, podSpec: spread(HOST) }), budget({ minAvailable: 2 })]],
    ["plain /healthz at the start", good({ container: { startupProbe: { httpGet: { path: "/healthz" } } } })],
  ])("given %s, when checked, then nothing is wrong", (_, nodes) => {
    expect(found(nodes)).toEqual([]);
  });

  test.each<[string, Node[], string, string]>([
    [
      "two servers",
      [...nats({ replicas: 2, podSpec: spread(HOST) }), budget({ maxUnavailable: 0 })],
      "error",
      "2 servers need 2 and survive 0 lost, as 1 would: the one more only adds a way to fail",
    ],
    [
      "four servers",
      good({ replicas: 4 }),
      "warning",
      "4 servers need 3 and survive 1 lost, as 3 would: the one more only adds a way to fail",
    ],
    [
      "servers without a cluster",
      nats({ replicas: 3, clustered: false }),
      "error",
      "3 pods of StatefulSet nats/nats are 3 servers that know nothing of each other: with each connection, a client finds other streams",
    ],
    [
      "a budget of two",
      [...nats({ replicas: 3, podSpec: spread(HOST) }), budget({ maxUnavailable: 2 })],
      "error",
      "the PodDisruptionBudget lets 2 of 3 servers go at once, but 2 must stay",
    ],
    [
      "a budget of half, rounded up",
      [...nats({ replicas: 3, podSpec: spread(HOST) }), budget({ maxUnavailable: "50%" })],
      "error",
      "the PodDisruptionBudget lets 2 of 3 servers go at once, but 2 must stay",
    ],
    [
      "an update of two at once",
      good({ spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } } }),
      "error",
      "an update restarts 2 of 3 servers at once (updateStrategy), but 2 must stay",
    ],
    [
      "an update that does not wait",
      good({ container: { startupProbe: { httpGet: { path: "/healthz?js-server-only=true" } } } }),
      "warning",
      "a restarted server counts as ready before it has caught up, so an update does not wait for it: all servers were seen replaced within 0.4 s, and publishing stopped for 6 s",
    ],
    [
      "servers that wait for each other",
      good({ spec: { podManagementPolicy: "OrderedReady" } }),
      "error",
      "the first server is ready only with a leader (/healthz?js-meta-only=true), and Kubernetes starts the second only after it (podManagementPolicy): the cluster never starts",
    ],
    [
      "a liveness probe that asks for the leader",
      good({ container: { livenessProbe: { httpGet: { path: "/healthz" } } } }),
      "error",
      "the liveness probe asks for the leader (/healthz): when the majority is lost, Kubernetes restarts the servers that are left",
    ],
    [
      "servers that may share a node",
      good({ podSpec: {} }),
      "warning",
      "nothing keeps the 3 servers on different nodes: with the node of two of them, the majority of 2 is lost",
    ],
    [
      "all servers in one zone",
      good({ podSpec: inZone("us-east1-b") }),
      "warning",
      "3 of 3 servers are bound to zone us-east1-b: without it, 0 are left and 2 must agree",
    ],
    [
      "a configuration that nobody can read",
      [configMap("nats-config", { "nats.conf": "jetstream {" }), ...nats().slice(1)],
      "error",
      "nobody can read the nats.conf in ConfigMap nats-config: line 1: a block that begins here does not end",
    ],
  ])("given %s, when checked, then it is told with the numbers", (_, nodes, severity, message) => {
    expect(found(nodes)).toEqual([[severity, message]]);
  });

  test.each<[string, Record<string, Json>]>([
    [
      "preferred",
      {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: HOST } }],
        },
      },
    ],
    ["required", { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST }] } }],
  ])("given anti-affinity that is %s, when checked, then servers are kept apart", (_, affinity) => {
    expect(found(good({ podSpec: { affinity } }))).toEqual([]);
  });

  test("given more servers than nodes that may not share one, when checked, then some would stay pending", () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST }] } };
    const nodes = { cluster: { context: "c", nodes: { count: 2, cpu: 4, memory: "8Gi" } } };
    expect(found(good({ podSpec: { affinity } }), nodes)).toEqual([
      ["error", "no two servers may share a node, but 3 servers have 2 (noetl:cluster.nodes): 1 would stay pending"],
    ]);
  });

  test("given one node for all, when checked, then nobody asks to keep servers apart", () => {
    const nodes = { cluster: { context: "c", nodes: { count: 1, cpu: 4, memory: "8Gi" } } };
    expect(found(good({ podSpec: {} }), nodes)).toEqual([]);
  });

  test("given production, when nothing spreads servers over zones, then it is a warning there", () => {
    const shown = good({ podSpec: spread(HOST) });
    expect(found(shown)).toEqual([]);
    expect(found(shown, { profile: "gke" })).toEqual([
      ["warning", "nothing spreads the 3 servers over zones: with the zone of two of them, the majority of 2 is lost"],
    ]);
  });
});

describe("superclusters", () => {
  test("given two clusters with a domain each, when checked, then both weaknesses are told", () => {
    const nodes = [
      ...good({ name: "a", peers: ["b"], domain: "a" }),
      ...good({ name: "b", peers: ["a"], domain: "b" }),
    ];
    expect(found(nodes)).toEqual([
      [
        "warning",
        "clusters joined by gateways share one group: without a, 3 of 6 are left and 4 must agree, so after about 15 s no stream or consumer can be made or changed in any cluster; streams that exist go on",
      ],
      [
        "warning",
        "one group with several domains (a, b): its leader can place streams only in clusters of its own domain ('no suitable peers for placement', 10005), so an election decides where streams may live",
      ],
    ]);
  });

  test("given three clusters of one domain, each in its zone, when checked, then nothing is wrong", () => {
    const names = ["a", "b", "c"];
    const nodes = names.flatMap((name) =>
      good({ name, peers: names.filter((other) => other !== name), domain: "d", podSpec: inZone(`zone-${name}`) }),
    );
    expect(found(nodes)).toEqual([]);
  });
});

describe("copies of declared streams", () => {
  const declared = (copies: number): Node =>
    configMap("streams", {
      "ORDERS.stream.json": JSON.stringify({ name: "ORDERS", num_replicas: copies }),
      "x.stream.json": "{",
    });
  const resource = (replicas: number): Node =>
    object({
      apiVersion: "jetstream.nats.io/v1beta2",
      kind: "Stream",
      metadata: { name: "orders", namespace: "nats" },
      spec: { name: "ORDERS", replicas },
    });

  test.each<[string, Node[], [string, string][]]>([
    ["3 copies on 3 servers", [...good(), declared(3)], []],
    ["1 copy on 1 server", [...nats(), declared(1)], []],
    [
      "3 copies on 1 server",
      [...nats(), declared(3)],
      [["error", "stream ORDERS asks for 3 copies, but a cluster has at most 1 server: JetStream refuses it (10074)"]],
    ],
    [
      "5 copies, declared as a resource, on two clusters of 3",
      [...good({ name: "a" }), ...good({ name: "b" }), resource(5)],
      [["error", "stream ORDERS asks for 5 copies, but a cluster has at most 3 servers: JetStream refuses it (10005)"]],
    ],
    [
      "1 copy on 3 servers",
      [...good(), resource(1)],
      [
        [
          "warning",
          "ORDERS: 1 copy on one of 3 servers; without that server the stream is offline, and with its volume it is lost",
        ],
      ],
    ],
  ])("given %s, when checked, then they fit the servers or it is told", (_, nodes, expected) => {
    expect(found(nodes)).toEqual(expected);
  });
});

describe("the policy disruption-budgets", () => {
  test.each([
    ["no budget", [], "no PodDisruptionBudget is about its 3 pods: draining nodes may evict all of them at once"],
    [
      "a budget of others",
      [budget({ maxUnavailable: 1 }, "postgres")],
      "no PodDisruptionBudget is about its 3 pods: draining nodes may evict all of them at once",
    ],
    [
      "a budget of nothing",
      [budget({ minAvailable: "100%" })],
      "PodDisruptionBudget nats lets none of its 3 pods go: a drain of their node never ends",
    ],
    ["a budget of one", [budget({ maxUnavailable: 1 })], undefined],
  ])("given a majority to keep and %s, when asked, then a laptop needs one, too", (_, budgets, message) => {
    const context = policyContext(graph(...nats({ replicas: 3 }), ...budgets), false);
    expect(disruptionBudgets.find(context).map((violation) => violation.message)).toEqual(message ? [message] : []);
  });
});
