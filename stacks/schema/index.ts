import { z } from "zod";
import { certManagerSchema } from "./cert-manager";
import { dashboardsSchema } from "./dashboards";
import { bytes, cpu, line, whole } from "./fields";
import { firestoreAgentSchema } from "./firestore-agent";
import { flightSchema, pythonServerSchema } from "./flight";
import { gatewaySchema } from "./gateway";
import { gcpSchema } from "./gcp";
import { monitoringSchema } from "./monitoring";
import { natsSchema } from "./nats";
import { natsSuperclusterSchema } from "./nats-supercluster";
import { networkPolicySchema } from "./network";
import { ollamaBridgeSchema } from "./ollama-bridge";
import { orchestratorSchema } from "./orchestrator";
import { pgbouncerSchema } from "./pgbouncer";
import { pagerSchema } from "./pager";
import { postgresSchema } from "./postgres";
import { kedaSchema } from "./scaling";
import { secretProviderSchema } from "./secret-provider";
import { secretsSchema } from "./secrets";
import { serverSchema } from "./server";
import { streamsSchema } from "./streams";
import { subscriptionsSchema } from "./subscriptions";
import { systemPoolSchema } from "./system-pool";
import { tlsSchema } from "./tls";
import { waiversSchema } from "./waivers";
import { workerPoolsSchema } from "./worker-pools";

/** The project of Pulumi.yaml, and the prefix of every key in a stack file. */
export const PROJECT = "noetl";

const clusterSchema = z
  .strictObject({
    context: line(253).describe(
      "Context of the kubeconfig that this stack deploys to, such as kind-noetl. No other cluster is ever touched.",
    ),
    nodes: z
      .strictObject({
        count: whole(1, 15000).describe("Nodes the platform may use."),
        cpu: cpu().describe("Allocatable CPU of one node."),
        memory: bytes().describe("Allocatable memory of one node."),
      })
      .optional()
      .describe("What the cluster offers; when given, the preview checks that everything fits."),
  })
  .describe("The Kubernetes cluster.");

/**
 * Everything a stack file may say, one entry a key `noetl:KEY`. Defaults stand here and nowhere else. The schema also
 * gives stacks/config.schema.json, docs/configuration.md and every error message.
 */
export const platformSchema = z.strictObject({
  profile: z
    .enum(["kind", "gke"])
    .describe("What kind of environment this is: `kind` (one local node) or `gke` (production). See stacks/profile."),
  cluster: clusterSchema,
  gcp: gcpSchema,
  nats: natsSchema,
  natsSupercluster: natsSuperclusterSchema,
  postgres: postgresSchema,
  pgbouncer: pgbouncerSchema,
  server: serverSchema,
  workerPools: workerPoolsSchema,
  systemPool: systemPoolSchema,
  subscriptions: subscriptionsSchema,
  streams: streamsSchema,
  keda: kedaSchema,
  certManager: certManagerSchema,
  gateway: gatewaySchema,
  ollamaBridge: ollamaBridgeSchema,
  firestoreAgent: firestoreAgentSchema,
  orchestrator: orchestratorSchema,
  pythonServer: pythonServerSchema,
  flight: flightSchema,
  networkPolicy: networkPolicySchema,
  tls: tlsSchema,
  secretProvider: secretProviderSchema,
  pager: pagerSchema,
  dashboards: dashboardsSchema,
  monitoring: monitoringSchema,
  secrets: secretsSchema,
  waivers: waiversSchema,
});

/** A stack file's settings, complete and checked. */
export type PlatformConfig = z.output<typeof platformSchema>;
export type GcpConfig = NonNullable<PlatformConfig["gcp"]>;
export type NatsConfig = PlatformConfig["nats"];
export type NatsSuperclusterConfig = Exclude<PlatformConfig["natsSupercluster"], { topology: "none" }>;
export type PostgresConfig = PlatformConfig["postgres"];
export type ServerConfig = PlatformConfig["server"];
export type WorkerPoolConfig = PlatformConfig["workerPools"][number];
export type SystemPoolConfig = PlatformConfig["systemPool"];
export type ScalingConfig = NonNullable<WorkerPoolConfig["scaling"]>;
export type SecretsConfig = PlatformConfig["secrets"];
export type MonitoringConfig = PlatformConfig["monitoring"];
export type WaiverConfig = PlatformConfig["waivers"][number];
