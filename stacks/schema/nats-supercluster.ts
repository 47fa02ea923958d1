import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, clusterSize, image, natsName, natsSubject, port, resources, shortName, whole } from "./fields";

const cluster = z
  .strictObject({
    name: shortName().describe("Name of the cluster: `a` makes StatefulSet `nats-cluster-a`."),
    region: shortName().describe("Region, such as us-east-1: part of the domain, and the pods' `region` label."),
    zone: shortName().optional().describe("Zone, such as us-east-1a: the pods' `zone` label."),
    replicas: clusterSize()
      .default(3)
      .describe("Servers (`cluster_size` of the platform's manifests). 3 survive the loss of one, 1 is for kind."),
    domain: natsName()
      .optional()
      .describe("JetStream domain. Default: derived from the cluster's URN; with `quorum`, one for all clusters."),
  })
  .describe("One cluster.");

const tenant = z
  .strictObject({
    name: shortName().describe("Name of the tenant and of its user; `acme-eu` gets account `ACME_EU`."),
    memory: bytes().default("256Mi").describe("Memory its streams may take in a cluster, all copies together."),
    file: bytes().default("1Gi").describe("Disk its streams may take in a cluster, all copies together."),
    streams: whole(1, 100000).default(100).describe("Streams it may have in a cluster."),
    consumers: whole(1, 1000000).default(1000).describe("Consumers it may have in a cluster."),
  })
  .describe("One tenant.");

function common(storage: string) {
  return {
    tenant: shortName().default("default").describe("Tenant in the clusters' URNs: noetl://tenant/TENANT/…"),
    org: shortName().default("default").describe("Organisation in the clusters' URNs."),
    clusters: z.array(cluster).min(1).max(20).describe("The clusters."),
    image: image().default(IMAGES.nats).describe("NATS server image."),
    storage: bytes()
      .default(storage)
      .describe("Size of each server's volume. Keep it a quarter above `jetstream.file`."),
    jetstream: z
      .strictObject({
        memory: bytes().default("1Gi").describe("Largest memory store of a server (`max_memory_store`)."),
        file: bytes().default("5Gi").describe("Largest file store of a server (`max_file_store`)."),
      })
      .prefault({})
      .describe("Limits of JetStream's stores."),
    maxPayload: bytes("64Mi").default("1Mi").describe("Largest message a client may publish (`max_payload`)."),
    resources: resources({
      requests: { cpu: "250m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
    tenants: z
      .array(tenant)
      .max(100)
      .default([])
      .describe("Tenants with an account of their own, beside the platform's account NOETL."),
  };
}

const gatewayPort = port().default(7222).describe("Port of gateways, on which clusters reach each other.");

const none = z
  .strictObject({ topology: z.literal("none").describe("No supercluster.") })
  .describe("No supercluster: as if the key were not there.");

const reference = z
  .strictObject({
    topology: z
      .literal("reference")
      .describe("Two clusters joined by gateways as in the platform's manifests. Neither works without the other."),
    ...common("5Gi"),
    gatewayPort,
  })
  .describe(
    "The platform's reference manifests: two clusters, gateways, a JetStream domain each. Neither works without the other.",
  );

const quorum = z
  .strictObject({
    topology: z.literal("quorum").describe("Three or more clusters joined by gateways; any one may be lost."),
    ...common("8Gi"),
    gatewayPort,
  })
  .describe(
    "Gateways and one JetStream domain over three or more clusters, one of which may be a single server that only breaks ties. Survives the loss of any one cluster.",
  );

const independent = z
  .strictObject({
    topology: z.literal("independent").describe("Clusters joined by leaf nodes; each works alone."),
    ...common("8Gi"),
    leafnodePort: port().default(7422).describe("Port of leaf nodes, on which the hub accepts the other clusters."),
    hub: shortName()
      .optional()
      .describe("The cluster that the others connect to. Default: the first. While it is down, messages do not cross."),
    localSubjects: z
      .array(natsSubject())
      .max(100)
      .default(["noetl.commands", "noetl.commands.>", "noetl.events.>"])
      .describe(
        "Subjects that never leave their cluster. Those of streams belong here: a subject that streams of two domains bind is stored in both.",
      ),
  })
  .describe("Leaf nodes and a JetStream domain for each cluster: each boots, works and fails alone.");

export const natsSuperclusterSchema = z
  .discriminatedUnion("topology", [none, reference, quorum, independent], {
    error: '"reference", "quorum", "independent" or "none"',
  })
  .prefault({ topology: "none" })
  .describe(
    "Several NATS clusters in namespace nats-supercluster, beside the single `nats` that the platform uses. Off unless this key is given; `topology` then has no default. See docs/nats-topologies.md.",
  );
