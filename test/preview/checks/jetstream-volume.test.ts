import { describe, expect, test } from "@jest/globals";
import { jetstreamVolume } from "../../../preview/checks/jetstream-volume";
import type { Json } from "../../../preview/graph";
import { amounts, component, configMap, findingsOf, graph, object, workload, type Node } from "../support";

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats";

function conf(settings: string): Node {
  return configMap("nats-config", {
    "nats.conf": `port: 4222\njetstream {\n  store_dir: "/data/jetstream"\n  ${settings}\n}\n`,
  });
}

function nats(storage: string, extra: Record<string, Json> = {}): Node {
  return workload({
    kind: "StatefulSet",
    name: "nats",
    namespace: "nats",
    spec: { volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { resources: { requests: { storage } } } }] },
    podSpec: { volumes: [{ name: "conf", configMap: { name: "nats-config" } }] },
    container: { resources: amounts("1 1Gi", "1 2Gi"), volumeMounts: [{ name: "data", mountPath: "/data" }], ...extra },
  });
}

describe("JetStream volume", () => {
  test.each([
    ["four fifths of the volume", "max_file_store: 4294967296", "5Gi"],
    ["no limit", "", "1Gi"],
    ["a limit that is a variable", "max_file_store: $MAX", "1Gi"],
  ])("given a file store of %s, when checked, then nothing is found", (_, settings, storage) => {
    expect(findingsOf(jetstreamVolume, graph(conf(settings), nats(storage)))).toEqual([]);
  });

  test("given a store larger than its volume, when checked, then it is an error with both sizes", () => {
    expect(findingsOf(jetstreamVolume, graph(conf("max_file_store: 5GB"), nats("5G")))).toEqual([
      {
        severity: "error",
        rule: "jetstream-volume",
        resource: URN,
        message: "max_file_store 5Gi is 107 % of the 4.66Gi volume 'data'",
        fix: "raise noetl:nats.storage to 6.25Gi, or lower noetl:nats.jetstream.file to 3.69Gi",
      },
    ]);
  });

  test("given a store that fills its volume exactly, when checked, then it is a warning", () => {
    expect(findingsOf(jetstreamVolume, graph(conf("max_file_store: 5GB"), nats("5Gi")))).toMatchObject([
      { severity: "warning", message: "max_file_store 5Gi is 100 % (more than 80 %) of the 5Gi volume 'data'" },
    ]);
  });

  test("given a claim beside the workload, when the store is too large for it, then the claim is named", () => {
    const claim = object({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "nats-data", namespace: "nats" },
      spec: { resources: { requests: { storage: "1Gi" } } },
    });
    const pod = workload({
      name: "nats",
      namespace: "nats",
      podSpec: {
        volumes: [
          { name: "conf", configMap: { name: "nats-config" } },
          { name: "store", persistentVolumeClaim: { claimName: "nats-data" } },
        ],
      },
      container: { volumeMounts: [{ name: "store", mountPath: "/data/jetstream" }] },
    });
    expect(findingsOf(jetstreamVolume, graph(conf("max_file_store = 2Gi"), pod, claim))).toMatchObject([
      { severity: "error", message: "max_file_store 2Gi is 200 % of the 1Gi volume 'nats-data'" },
    ]);
  });

  test("given a store directory beside the volume, when checked, then the streams are told to be lost", () => {
    const elsewhere = nats("5Gi", { volumeMounts: [{ name: "data", mountPath: "/database" }] });
    expect(findingsOf(jetstreamVolume, graph(conf("max_file_store: 1GB"), elsewhere))).toMatchObject([
      {
        severity: "warning",
        message: "streams lie in /data/jetstream, which is on no volume: they are lost with the pod",
      },
    ]);
  });

  test.each([
    ["3GB", "error", "max_memory_store 3Gi is 150 % of the 2Gi memory limit"],
    ["1700MB", "warning", "max_memory_store 1.66Gi is 83 % (more than 80 %) of the 2Gi memory limit"],
  ])(
    "given a memory store of %s under a limit of 2Gi, when checked, then it is a finding (%s)",
    (size, severity, message) => {
      expect(findingsOf(jetstreamVolume, graph(conf(`max_memory_store: ${size}`), nats("5Gi")))).toMatchObject([
        {
          severity,
          message,
          fix: "raise noetl:nats.resources.limits.memory, or lower noetl:nats.jetstream.memory to 1.56Gi",
        },
      ]);
    },
  );

  test("given a server of a supercluster, when its store is too large, then the fix names the supercluster's settings", () => {
    const cluster = component("noetl:nats:NatsSupercluster", "nats-supercluster", nats("5Gi"));
    expect(findingsOf(jetstreamVolume, graph(conf("max_file_store: 5GB"), cluster))).toMatchObject([
      { fix: "raise noetl:natsSupercluster.storage to 6.25Gi, or lower noetl:natsSupercluster.jetstream.file to 4Gi" },
    ]);
  });

  test("given the nats.conf of another namespace, when checked, then it is not taken for this one's", () => {
    const other = configMap("nats-config", { "nats.conf": "jetstream { max_file_store: 9TB }" }, "elsewhere");
    expect(findingsOf(jetstreamVolume, graph(other, nats("5Gi")))).toEqual([]);
  });
});
