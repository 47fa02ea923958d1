import { describe, expect, test } from "@jest/globals";
import { hazardsBetween } from "../../../preview/hazards";
import { graph, object, workload, type Node } from "../support";
import { claim, namespace, nats } from "../nats/support";

const told = (before: Node[], after: Node[]): string[][] =>
  hazardsBetween(graph(...before), graph(...after)).map(({ rule, message }) => [rule, message.split(": ")[0] ?? ""]);

const postgres = (storage: string, spec = {}): Node =>
  workload({
    kind: "StatefulSet",
    name: "postgres",
    namespace: "postgres",
    spec: {
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { resources: { requests: { storage } } } }],
      ...spec,
    },
  });

describe("changes of volumes that destroy data", () => {
  test.each<[string, Node[], Node[], string[][]]>([
    ["a larger claim", [postgres("5Gi")], [postgres("10Gi")], []],
    ["the same size in other words", [postgres("1Gi")], [postgres("1024Mi")], []],
    [
      "a smaller claim",
      [postgres("10Gi")],
      [postgres("5Gi")],
      [["volume-shrunk", "claim 'data' of StatefulSet postgres/postgres shrinks from 10Gi to 5Gi"]],
    ],
    [
      "a smaller claim of its own",
      [claim("c", "2Gi")],
      [claim("c", "1Gi")],
      [["volume-shrunk", "claim nats/c shrinks from 2Gi to 1Gi"]],
    ],
    ["a claim that goes", [claim("c", "2Gi")], [], [["volume-removed", "claim nats/c goes"]]],
    [
      "a claim under another name",
      [...nats()],
      [...nats({ claim: "store" })],
      [
        [
          "nats-store-moved",
          "the store moves from volume data, directory jetstream to volume store, directory jetstream",
        ],
        ["volume-removed", "claim 'data' (8Gi) of StatefulSet nats/nats goes"],
      ],
    ],
    ["no StatefulSet", [postgres("5Gi")], [], [["stateful-set-removed", "StatefulSet postgres/postgres goes"]]],
    ["a StatefulSet without volumes", [workload({ kind: "StatefulSet" })], [], []],
    [
      "a StatefulSet that deletes its claims with itself",
      [postgres("5Gi", { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } })],
      [],
      [
        [
          "stateful-set-removed",
          "StatefulSet postgres/postgres goes, and its volume claims are deleted with it (whenDeleted",
        ],
      ],
    ],
    [
      "a namespace with all in it",
      [namespace("nats"), ...nats(), claim("c", "1Gi")],
      [],
      [["namespace-removed", "namespace nats goes, with the volumes of StatefulSet nats (8Gi each), claim c (1Gi)"]],
    ],
    ["a namespace without volumes", [namespace("noetl"), workload()], [], []],
    [
      "a StatefulSet in another namespace",
      [namespace("nats"), namespace("new"), ...nats()],
      [namespace("nats"), namespace("new"), ...nats({ namespace: "new" })],
      [["stateful-set-removed", "StatefulSet nats/nats goes"]],
    ],
  ])("given %s, when compared, then it is told iff it costs data", (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  test.each(["protect", "retainOnDelete"])(
    "given %s, when an object leaves the program, then nothing is lost",
    (option) => {
      const kept = (manifest: Parameters<typeof object>[0]): Node => object(manifest, { [option]: true });
      const space = kept({ apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } });
      const volume = kept({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "c", namespace: "nats" },
      });
      expect(told([space, volume], [])).toEqual([]);
    },
  );
});
