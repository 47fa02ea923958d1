import { z } from "zod";
import { PROBE_PRESETS } from "../../components/nats/facts";
import { IMAGES } from "../versions";
import { bytes, clusterSize, duration, image, natsName, natsUser, objectName, resources, whole } from "./fields";

const limits = z
  .strictObject({
    memory: bytes().optional().describe("Largest sum of its memory streams, copies counted. Default: no limit."),
    file: bytes().optional().describe("Largest sum of its file streams, copies counted. Default: no limit."),
    streams: whole(1, 1_000_000).optional().describe("Streams it may have. Default: no limit."),
    consumers: whole(1, 1_000_000).optional().describe("Consumers it may have. Default: no limit."),
  })
  .optional()
  .describe("What it may store, on all servers together; without this group it has no JetStream at all.");

const account = z
  .strictObject({
    name: natsName().describe("Name of the account."),
    jetstream: limits,
    users: z
      .array(natsUser())
      .max(100)
      .default([])
      .describe("Its users. Their passwords are generated, unless `secrets.natsUsers` has them."),
  })
  .describe("An account: its own subjects, streams and users.");

const tls = z
  .strictObject({
    issuer: objectName()
      .optional()
      .describe("Issuer by which cert-manager makes and renews a certificate of all servers."),
    issuerKind: z.enum(["Issuer", "ClusterIssuer"]).default("Issuer").describe("Kind of the issuer."),
    secretName: objectName()
      .optional()
      .describe(
        "Instead of an issuer, a Secret of namespace `nats` that exists already, with `tls.crt`, `tls.key` and `ca.crt`, for the names in docs/components/nats-cluster.md.",
      ),
    platform: z
      .boolean()
      .default(false)
      .describe(
        "Instead of both, a certificate of the authority that `noetl:tls` describes, which the platform's own clients know.",
      ),
    clients: z
      .enum(["off", "optional", "required"])
      .default("off")
      .describe(
        "Whether clients may use TLS, or must. `required` needs `platform`. None is asked for a certificate: the published images have no setting for one.",
      ),
  })
  .optional()
  .describe("TLS between the servers, each of which verifies the other. Default: none.");

const extra = z
  .strictObject({
    maxConnections: whole(1, 10_000_000).optional().describe("Clients of one server (`max_connections`)."),
    maxSubscriptions: whole(1, 10_000_000).optional().describe("Subscriptions of one client (`max_subscriptions`)."),
    maxPending: bytes("1Gi")
      .optional()
      .describe("Bytes that may wait for one slow client (`max_pending`); at least `maxPayload`."),
    writeDeadline: duration().optional().describe("How long a write to a client may take (`write_deadline`)."),
    pingInterval: duration().optional().describe("How often an idle client is pinged (`ping_interval`)."),
    syncInterval: duration()
      .optional()
      .describe("How often JetStream forces written data to the disk (`jetstream.sync_interval`)."),
    syncAlways: z
      .boolean()
      .default(false)
      .describe("Force each message to the disk before it is acknowledged (`sync_interval: always`); a third as fast."),
    compression: z
      .enum(["off", "accept", "s2_auto", "s2_fast", "s2_better", "s2_best"])
      .optional()
      .describe("Compression between the servers (`cluster.compression`)."),
    poolSize: whole(1, 32).optional().describe("Connections to each other server (`cluster.pool_size`)."),
  })
  .prefault({})
  .describe("What nobody needs to set. Without a value, nats-server's own default holds.");

const nodePort = () => whole(30000, 32767);

export const natsSchema = z
  .strictObject({
    image: image().default(IMAGES.nats).describe("NATS server image, an alpine variant."),
    replicas: clusterSize()
      .default(1)
      .describe(
        "Servers of the cluster. Changing between 1 and more destroys what is stored: see docs/components/nats-cluster.md.",
      ),
    probes: z
      .enum(PROBE_PRESETS)
      .default("quorum")
      .describe(
        "When a server counts as started: `quorum` (a rolling update never takes the majority away) or `seed` (the platform's published manifests).",
      ),
    spread: z
      .enum(["preferred", "required"])
      .default("preferred")
      .describe("Whether two servers should not (`preferred`) or may never (`required`) share a node."),
    storage: bytes()
      .default("8Gi")
      .describe(
        "Size of the volume behind JetStream's file store, for each server. Keep it a quarter above `jetstream.file`: raft logs and indexes need room too.",
      ),
    jetstream: z
      .strictObject({
        memory: bytes()
          .default("1Gi")
          .describe("Largest memory store (`max_memory_store`; the platform's manifests say 1GB)."),
        file: bytes()
          .default("5Gi")
          .describe("Largest file store (`max_file_store`; the platform's manifests say 5GB)."),
      })
      .prefault({})
      .describe("Limits of JetStream's stores, for each server."),
    accounts: z.array(account).max(100).default([]).describe("Accounts beside `$SYS` and `NOETL`."),
    tls,
    exporter: z
      .boolean()
      .default(false)
      .describe("Run the Prometheus exporter beside each server (metrics at port 7777)."),
    // Above 64Mi it would exceed max_pending, and the server refuses its configuration.
    maxPayload: bytes("64Mi")
      .default("1Mi")
      .describe("Largest message a client may publish (`max_payload`; nats-server's own default)."),
    nodePorts: z
      .strictObject({
        client: nodePort().describe("For clients."),
        monitoring: nodePort().describe("For the monitoring endpoint."),
      })
      .optional()
      .describe("Ports on every node. Default: what the profile says."),
    extra,
    resources: resources({
      requests: { cpu: "250m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
  })
  .prefault({})
  .describe("NATS with JetStream: carries commands to the worker pools and events back.");
