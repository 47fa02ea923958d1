import { describe, expect, test } from "@jest/globals";
import { metaGroupsOf, natsServersOf, unreadableConfs } from "../../../preview/nats/servers";
import { workloadsOf } from "../../../preview/workloads";
import { configMap, graph, workload, type Node } from "../support";
import { nats } from "./support";

const groups = (...nodes: Node[][]): string[][] => metaGroupsOf(natsServersOf(graph(...nodes.flat())));

describe("NATS servers of a graph", () => {
  test("given a configuration in a projected volume, or in one of its own, when looked for, then both are found", () => {
    const own = workload({
      name: "own",
      namespace: "nats",
      podSpec: { volumes: [{ name: "c", configMap: { name: "own-config" } }] },
    });
    const shown = graph(...nats(), own, configMap("own-config", { "server.conf": "jetstream { store_dir: /x }" }));
    expect([...natsServersOf(shown).keys()].sort()).toEqual(["nats/nats", "nats/own"]);
  });

  test("given other programs' files, when looked for, then they are not read", () => {
    const other = workload({ name: "pg", podSpec: { volumes: [{ name: "c", configMap: { name: "pg" } }] } });
    const files = { "pg_hba.conf": "host all all 0.0.0.0/0 scram-sha-256 {", "nats.conf.txt": "jetstream {}" };
    const shown = graph(other, configMap("pg", files, "noetl"));
    expect([...natsServersOf(shown).keys()]).toEqual([]);
    expect(unreadableConfs(shown, workloadsOf(shown))).toEqual([]);
  });

  test("given a configuration that nobody can read, when looked for, then it is told with its line", () => {
    const [, set] = nats();
    const shown = graph(configMap("nats-config", { "nats.conf": "http_port: 1\njetstream {" }), ...(set ? [set] : []));
    expect([...natsServersOf(shown).keys()]).toEqual([]);
    expect(unreadableConfs(shown, workloadsOf(shown))).toMatchObject([
      { configMap: "nats-config", reason: "line 2: a block that begins here does not end" },
    ]);
  });
});

describe("meta groups", () => {
  test.each<[string, Node[][], string[][]]>([
    ["a single server", [nats()], []],
    ["a cluster", [nats({ replicas: 3 })], [["nats/nats"]]],
    ["two clusters", [nats({ name: "a", replicas: 3 }), nats({ name: "b", replicas: 3 })], [["nats/a"], ["nats/b"]]],
    [
      "a chain of gateways",
      [nats({ name: "a", peers: [] }), nats({ name: "b", peers: ["a"] }), nats({ name: "c", peers: ["b"] })],
      [["nats/a", "nats/b", "nats/c"]],
    ],
    ["a gateway to another stack", [nats({ name: "a", peers: ["far"] })], [["?far", "nats/a"]]],
    ["a cluster without JetStream", [nats({ replicas: 3, jetstream: false })], []],
  ])("given %s, when grouped, then those that elect one leader are together", (_, nodes, expected) => {
    expect(groups(...nodes)).toEqual(expected);
  });
});
