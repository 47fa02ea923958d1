import { describe, expect, test } from "@jest/globals";
import { hazardsBetween } from "../../../preview/hazards";
import { graph, type Node } from "../support";
import { nats, type NatsSettings } from "../nats/support";

/** Rule, resource and what changes, of each finding. */
function dangers(before: Node[], after: Node[]): [string, string, string][] {
  return hazardsBetween(graph(...before), graph(...after)).map(({ rule, resource, message }) => [
    rule,
    resource.replace(/.*::/, ""),
    message.split(": ")[0] ?? "",
  ]);
}

function change(before: NatsSettings, after: NatsSettings): [string, string, string][] {
  return dangers(nats(before), nats(after));
}

describe("changes of NATS that destroy data", () => {
  test("given one server that becomes three, when compared, then the error tells what happens and the safe way", () => {
    expect(hazardsBetween(graph(...nats()), graph(...nats({ replicas: 3 })))).toEqual([
      {
        severity: "error",
        rule: "nats-standalone-to-cluster",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats",
        message:
          "1 server without a cluster becomes 3 servers in one: a cluster does not take over the streams of a server that was alone: they are invisible at once, and after 30 s the server deletes their files ('Detected orphaned stream, will cleanup')",
        fix: "keep noetl:nats.replicas at 1; or go the safe way:",
        steps: [
          "Stop what writes: scale the NoETL server and the worker pools to 0.",
          "Save the streams with their consumers: nats account backup ./nats-backup (memory streams are not in it; they end with their servers).",
          "Deploy with a waiver for this rule. Wait until every server is ready and the logs have said 'Detected orphaned stream'.",
          "Bring the streams back: nats account restore ./nats-backup",
          "Give each stream its copies: nats stream edit NAME --replicas 3",
          "Start the server and the worker pools again.",
        ],
      },
    ]);
  });

  test.each<[string, NatsSettings, NatsSettings, [string, string][]]>([
    ["nothing", {}, {}, []],
    [
      "one server to a cluster of one",
      {},
      { clustered: true },
      [["nats-standalone-to-cluster", "1 server without a cluster becomes 1 server in one"]],
    ],
    [
      "three servers to one",
      { replicas: 3 },
      {},
      [["nats-cluster-to-standalone", "3 servers in a cluster become 1 server without one"]],
    ],
    ["three servers to five", { replicas: 3 }, { replicas: 5 }, []],
    [
      "five servers to three",
      { replicas: 5 },
      { replicas: 3 },
      [["nats-servers-removed", "5 servers in a cluster become 3 servers in it"]],
    ],
    [
      "five servers to two",
      { replicas: 5 },
      { replicas: 2 },
      [["nats-quorum-lost", "of a meta group of 5 servers, which needs 3, 2 stay together"]],
    ],
    [
      "other names",
      { replicas: 3 },
      { replicas: 3, serverName: "eu-$POD_NAME" },
      [["nats-servers-renamed", "server_name $POD_NAME becomes eu-$POD_NAME"]],
    ],
    ["another name of a server that is alone", {}, { serverName: "x" }, []],
    [
      "a smaller file store",
      { file: "4GB" },
      { file: "3GB" },
      [["nats-store-lowered", "max_file_store goes from 4Gi to 3Gi"]],
    ],
    [
      "a smaller memory store",
      { memory: "1GB" },
      { memory: "512MB" },
      [["nats-store-lowered", "max_memory_store goes from 1Gi to 512Mi"]],
    ],
    ["the same store in other words", { file: "4GB" }, { file: "4294967296" }, []],
    ["larger stores", {}, { file: "5GB", memory: "2GB" }, []],
    [
      "a store in another directory",
      {},
      { storeDir: "/data/js" },
      [["nats-store-moved", "the store moves from volume data, directory jetstream to volume data, directory js"]],
    ],
    [
      "a volume mounted elsewhere with the store",
      {},
      { storeDir: "/store/jetstream", container: { volumeMounts: [{ name: "data", mountPath: "/store" }] } },
      [],
    ],
    ["no JetStream", {}, { jetstream: false }, [["nats-jetstream-removed", "the jetstream block goes"]]],
    ["JetStream for the first time", { jetstream: false }, { replicas: 3 }, []],
    ["no domain", { domain: "d1" }, {}, [["nats-domain-removed", "domain d1 is removed, and with it $JS.d1.API"]]],
    [
      "another domain",
      { domain: "d1" },
      { domain: "d2" },
      [["nats-domain-removed", "domain d1 becomes d2, and with it $JS.d1.API"]],
    ],
    ["a first domain", {}, { domain: "d1" }, []],
    ["other resources", {}, { container: { resources: {} } }, []],
  ])("given %s, when compared, then it is told iff it costs data", (_, before, after, expected) => {
    expect(change(before, after).map(([rule, , what]) => [rule, what])).toEqual(expected);
  });

  test("given keys of a supercluster, when a size changes, then the fix names its section", () => {
    const [finding] = hazardsBetween(
      graph(...nats({ name: "nats-a", replicas: 5 })),
      graph(...nats({ name: "nats-a", replicas: 3 })),
    );
    expect(finding?.fix).toBe("keep noetl:natsSupercluster.replicas at 5; or go the safe way:");
  });
});

describe("gateways between clusters that hold data", () => {
  const a = (...peers: string[]): Node[] => nats({ name: "a", replicas: 3, peers });
  const b = (...peers: string[]): Node[] => nats({ name: "b", replicas: 3, peers });
  const c = (...peers: string[]): Node[] => nats({ name: "c", replicas: 3, peers });

  test.each<[string, Node[], Node[], [string, string, string][]]>([
    [
      "two clusters that were apart",
      [...a(), ...b()],
      [...a("b"), ...b("a")],
      [["nats-populated-join", "a", "nats/a and nats/b are joined by gateways"]],
    ],
    ["a cluster and a new one", a(), [...a("b"), ...b("a")], []],
    ["two new clusters", [], [...a("b"), ...b("a")], []],
    ["clusters that were joined before", [...a("b"), ...b("a")], [...a("b"), ...b("a")], []],
    [
      "two that were joined and a new one",
      [...a("b"), ...b("a")],
      [...a("b", "c"), ...b("a", "c"), ...c("a", "b")],
      [],
    ],
    [
      "two that were joined and one that was apart",
      [...a("b"), ...b("a"), ...c()],
      [...a("b", "c"), ...b("a", "c"), ...c("a", "b")],
      [["nats-populated-join", "a", "nats/a and nats/c are joined by gateways"]],
    ],
    ["a cluster of another stack", a(), a("far"), [["nats-populated-join", "a", "far (not in this stack"]]],
    ["a cluster of another stack, which was joined before", a("far"), a("far"), []],
    [
      "the same cluster, which another stack now has",
      [...a("b"), ...b("a")],
      a("b"),
      [
        ["nats-quorum-lost", "a", "of a meta group of 6 servers, which needs 4, 3 stay together"],
        ["stateful-set-removed", "b", "StatefulSet nats/b goes"],
      ],
    ],
    [
      "a supercluster that is split",
      [...a("b"), ...b("a")],
      [...a(), ...b()],
      [
        ["nats-quorum-lost", "a", "of a meta group of 6 servers, which needs 4, 3 stay together"],
        ["nats-quorum-lost", "b", "of a meta group of 6 servers, which needs 4, 3 stay together"],
      ],
    ],
    [
      "a supercluster of three that loses one",
      [...a("b", "c"), ...b("a", "c"), ...c("a", "b")],
      [...a("b"), ...b("a")],
      [["stateful-set-removed", "c", "StatefulSet nats/c goes"]],
    ],
  ])("given %s, when joined or parted, then it is told iff data is at stake", (_, before, after, expected) => {
    expect(dangers(before, after)).toEqual(expected);
  });
});
