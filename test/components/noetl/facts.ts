import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../../../components/database/connection";
import type { NatsConnection } from "../../../components/nats/connection";
import type { GatewayFacts } from "../../../components/noetl/gateway-manifests";
import type { RuntimeSecretKeys } from "../../../components/noetl/runtime-secrets";
import type { ServerSettings } from "../../../components/noetl/server-env";
import type { ServerFacts } from "../../../components/noetl/server-manifests";
import type { WorkerFacts } from "../../../components/noetl/worker-facts";
import { TLS_KEYS, type TlsIdentity } from "../../../components/tls/authority";
import { podTls } from "../../../components/tls/pod-tls";

/** What the tests of this folder build on: a platform of default settings. */

export const namespace = { name: "noetl", created: "noetl" };

export const nats: NatsConnection = {
  host: "nats.nats.svc.cluster.local",
  clientPort: 4222,
  monitoringPort: 8222,
  monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
  url: "nats://nats.nats.svc.cluster.local:4222",
  account: "NOETL",
  user: "noetl",
  password: pulumi.secret("s3cret"),
};

export const database: DatabaseConnection = {
  host: "postgres.postgres.svc.cluster.local",
  port: 5432,
  database: "noetl",
  user: "noetl",
  schema: "noetl",
  adminUser: "demo",
  transactionPooling: false,
};

export const secrets: RuntimeSecretKeys = {
  encryptionKey: { secret: "noetl-secret", key: "NOETL_ENCRYPTION_KEY" },
  postgresPassword: { secret: "noetl-secret", key: "NOETL_PASSWORD" },
  internalApiToken: { secret: "noetl-internal-api-token", key: "token" },
  natsPassword: { secret: "noetl-nats", key: "NATS_PASSWORD" },
  natsUrl: { secret: "noetl-nats", key: "NOETL_NATS_URL" },
};

export const settings: ServerSettings = {
  port: 8082,
  bindAddress: "0.0.0.0",
  debug: false,
  serverName: "noetl-control-plane",
  metrics: true,
  autoRecreateRuntime: true,
  runtimeSweepInterval: 30,
  runtimeOfflineSeconds: 60,
  pool: { max: 10, min: 1, acquireTimeout: 30 },
  keychain: {},
};

const resources = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: 1, memory: "512Mi" },
};

export const server: ServerFacts = {
  name: "noetl-server-rust",
  namespace,
  image: "ghcr.io/noetl/server:3.39.3",
  replicas: 1,
  healthApi: "seed",
  settings,
  machineId: 1,
  shards: { count: 1, index: 0 },
  flip: "off",
  publicUrl: "http://noetl-server-rust.noetl.svc.cluster.local:8082",
  resources,
  database,
  nats,
  secrets,
  postgresImage: "postgres:17.4",
  natsBoxImage: "natsio/nats-box:0.19.2",
};

export const gateway: GatewayFacts = {
  name: "noetl-gateway",
  namespace,
  image: "ghcr.io/noetl/gateway:v3.4.0",
  replicas: 1,
  settings: {
    port: 8090,
    authBypass: false,
    pushIngress: false,
    corsOrigins: [],
    updatesSubjectPrefix: "playbooks.executions.",
    callbackSubjectPrefix: "noetl.callbacks",
    sessions: { bucket: "sessions", ttl: 300 },
    requests: { bucket: "requests", ttl: 1800 },
    authPlaybooks: { login: "auth/login", validateSession: "auth/validate", checkAccess: "auth/check", timeout: 12 },
  },
  resources,
  server: { url: server.publicUrl, readyPath: "/api/health" },
  nats,
  secrets,
  natsBoxImage: "natsio/nats-box:0.19.2",
};

export const worker: WorkerFacts = {
  name: "noetl-worker-rust",
  namespace,
  image: "ghcr.io/noetl/worker:5.40.3",
  replicas: 1,
  poolName: "worker-rust-pool",
  stream: "NOETL_COMMANDS",
  consumer: "noetl_worker_pool_shared",
  subject: "noetl.commands",
  runtime: { kind: "rust", filterSubject: "noetl.commands.shared.>" },
  maxConcurrent: 4,
  commandTimeout: 180,
  heartbeatInterval: 15,
  natsLagPollInterval: 5,
  ipcCacheBudget: "256Mi",
  sharedMemory: "320Mi",
  terminationGracePeriod: 210,
  runsJobs: true,
  resources,
  server: { url: server.publicUrl, readyPath: "/api/health" },
  nats,
  secrets,
  curlImage: "curlimages/curl:8.7.1",
};

/** A certificate in a Secret, of no authority in particular. */
export function identity(secretName: string, revision = "1"): TlsIdentity {
  const source = { secretName, keys: TLS_KEYS, revision, reloader: true };
  return { secretName, dependsOn: [], pod: (place) => podTls(source, place) };
}

export const proxyImage = "haproxy:3.2.4-alpine";

/** NATS that refuses whoever uses no TLS. */
export const natsTls: NatsConnection = { ...nats, tls: true, url: "tls://nats.nats.svc.cluster.local:4222" };
