import type { Namespace } from "../kubernetes/namespaces";
import { fromField, fromSecret, literal, type EnvVar } from "../kubernetes/env";
import type { DatabaseConnection } from "../database/connection";
import type { NatsConnection } from "../nats/connection";
import type { FileNames } from "../tls/pod-tls";
import { writePath, type Flip } from "./flip";
import { natsTrust } from "./nats-trust";
import type { RuntimeSecretKeys } from "./runtime-secrets";

/** Where the server resolves `provider:` credentials from; a provider that is absent is off. */
export interface KeychainProviders {
  gcp?:
    { project?: string | undefined; endpoint?: string | undefined; metadataTokenUrl?: string | undefined } | undefined;
  kubernetes?:
    | {
        /** Namespaces whose Secrets the server may get and list. */
        namespaces: Namespace[];
        apiUrl?: string | undefined;
        namespace?: string | undefined;
        caFile?: string | undefined;
        tokenFile?: string | undefined;
        /** Secret of the server's namespace that holds both files. Default: none, they are there already. */
        filesSecret?: string | undefined;
      }
    | undefined;
  vault?:
    | {
        address: string;
        tokenFile?: string | undefined;
        namespace?: string | undefined;
        kvMount: string;
        caFile?: string | undefined;
        /** Secret of the server's namespace that holds both files. Default: none. */
        filesSecret?: string | undefined;
      }
    | undefined;
}

/** The server's settings; each is a variable of the deployment specification's table. Durations are seconds. */
export interface ServerSettings {
  port: number;
  bindAddress: string;
  workers?: number | undefined;
  debug: boolean;
  serverName: string;
  metrics: boolean;
  autoRecreateRuntime: boolean;
  runtimeSweepInterval: number;
  runtimeOfflineSeconds: number;
  /** Folder of the WASM modules that the system pool fetches from the server. Default: that of the image. */
  systemPluginDirectory?: string | undefined;
  pool: { max: number; min: number; acquireTimeout: number };
  keychain: KeychainProviders;
  rustLog?: string | undefined;
}

/** What tells the replicas of a server apart: values of a single pod, or the pod's index in its StatefulSet. */
export type ReplicaIdentity = { machineId: number; shardIndex: number } | "podIndex";

/** Everything the environment of a server is made of. */
export interface ServerEnvironment {
  settings: ServerSettings;
  identity: ReplicaIdentity;
  /** Shards of the cluster. */
  shardCount: number;
  /** URL of the replica that owns a shard, `{shard}` in its place. Default: none, replicas forward nothing. */
  peerUrlTemplate?: string | undefined;
  /** How events reach the database. */
  flip: Flip;
  /** URL workers call back on. */
  publicUrl: string;
  /** Its certificate, and whether clients must present one, too. Default: plain HTTP. */
  tls?: { paths: FileNames; mutual: boolean } | undefined;
  database: DatabaseConnection;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
}

/**
 * One variable of the table: its name and what it is made from. `undefined` leaves the variable out, so that the
 * server's own default holds.
 */
interface Row {
  name: string;
  value: (environment: ServerEnvironment) => EnvVar | undefined;
}

const POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']";

/**
 * Every variable the server reads, in the order of the deployment specification. HOSTNAME and COMPUTERNAME are missing:
 * the container runtime sets them.
 */
const ROWS: Row[] = [
  plain("NOETL_HOST", ({ settings }) => settings.bindAddress),
  plain("NOETL_PORT", ({ settings }) => settings.port),
  plain("NOETL_WORKERS", ({ settings }) => settings.workers),
  plain("NOETL_DEBUG", ({ settings }) => settings.debug),
  plain("NOETL_SERVER_NAME", ({ settings }) => settings.serverName),
  secret("NOETL_ENCRYPTION_KEY", "encryptionKey"),
  secret("NOETL_INTERNAL_API_TOKEN", "internalApiToken"),
  plain("NOETL_PUBLIC_SERVER_URL", ({ publicUrl }) => publicUrl),
  plain("NOETL_TLS_CERT", ({ tls }) => tls?.paths.certificate),
  plain("NOETL_TLS_KEY", ({ tls }) => tls?.paths.key),
  // Given, it refuses everybody who presents no certificate, the kubelet included.
  plain("NOETL_TLS_CLIENT_CA", ({ tls }) => (tls?.mutual ? tls.paths.ca : undefined)),
  plain("NOETL_DISABLE_METRICS", ({ settings }) => !settings.metrics),
  plain("NOETL_AUTO_RECREATE_RUNTIME", ({ settings }) => settings.autoRecreateRuntime),
  plain("NOETL_RUNTIME_SWEEP_INTERVAL", ({ settings }) => settings.runtimeSweepInterval),
  plain("NOETL_RUNTIME_OFFLINE_SECONDS", ({ settings }) => settings.runtimeOfflineSeconds),
  plain("NOETL_SYSTEM_PLUGIN_DIR", ({ settings }) => settings.systemPluginDirectory),
  perReplica("NOETL_SERVER_MACHINE_ID", ({ machineId }) => machineId),
  perReplica(
    "NOETL_SHARD_INDEX",
    ({ shardIndex }) => shardIndex,
    ({ shardCount }) => shardCount > 1,
  ),
  plain("NOETL_SHARD_COUNT", ({ shardCount }) => shardCount),
  // Malformed, these two would send every execution to the single database without an error.
  secret("NOETL_SHARDS", "shards"),
  secret("NOETL_CLUSTER_DSN", "clusterDsn"),
  // What one replica knows of a running execution, the others read from NATS; alone, it needs no one's.
  plain("NOETL_REPLICA_COHERENCE", ({ identity }) => (identity === "podIndex" ? "nats_kv" : undefined)),
  // Two replicas that write the events of one execution fork its chain: each hands them to the shard's owner.
  plain("NOETL_EXECUTION_AFFINITY", ({ peerUrlTemplate }) => (peerUrlTemplate === undefined ? undefined : true)),
  plain("NOETL_PEER_URL_TEMPLATE", ({ peerUrlTemplate }) => peerUrlTemplate),
  plain("NOETL_EVENT_INGEST_PUBLISH_ONLY", ({ flip }) => writePath(flip).publishOnly),
  plain("NOETL_STATE_BUILDER", ({ flip }) => writePath(flip).stateBuilder),
  plain("NOETL_SCHEMA", ({ database }) => database.schema),
  plain("GOOGLE_CLOUD_PROJECT", ({ settings }) => settings.keychain.gcp?.project),
  plain("NOETL_GCP_SM_ENDPOINT", ({ settings }) => settings.keychain.gcp?.endpoint),
  plain("NOETL_GCP_METADATA_TOKEN_URL", ({ settings }) => settings.keychain.gcp?.metadataTokenUrl),
  plain("NOETL_K8S_API_URL", ({ settings }) => settings.keychain.kubernetes?.apiUrl),
  plain("NOETL_K8S_NAMESPACE", ({ settings }) => settings.keychain.kubernetes?.namespace),
  plain("NOETL_K8S_CA_FILE", ({ settings }) => settings.keychain.kubernetes?.caFile),
  plain("NOETL_K8S_TOKEN_FILE", ({ settings }) => settings.keychain.kubernetes?.tokenFile),
  secret("NOETL_K8S_TOKEN", "kubernetesToken"),
  plain("VAULT_ADDR", ({ settings }) => settings.keychain.vault?.address),
  secret("VAULT_TOKEN", "vaultToken"),
  plain("NOETL_VAULT_TOKEN_FILE", ({ settings }) => settings.keychain.vault?.tokenFile),
  plain("VAULT_NAMESPACE", ({ settings }) => settings.keychain.vault?.namespace),
  plain("NOETL_VAULT_KV_MOUNT", ({ settings }) => settings.keychain.vault?.kvMount),
  plain("NOETL_VAULT_CA_FILE", ({ settings }) => settings.keychain.vault?.caFile),
  secret("DATABASE_URL", "databaseUrl"),
  plain("POSTGRES_HOST", ({ database }) => database.host),
  plain("POSTGRES_PORT", ({ database }) => database.port),
  plain("POSTGRES_USER", ({ database }) => database.user),
  secret("POSTGRES_PASSWORD", "postgresPassword"),
  plain("POSTGRES_DATABASE", ({ database }) => database.database),
  plain("POSTGRES_MAX_CONNECTIONS", ({ settings }) => settings.pool.max),
  plain("POSTGRES_MIN_CONNECTIONS", ({ settings }) => settings.pool.min),
  plain("POSTGRES_ACQUIRE_TIMEOUT", ({ settings }) => settings.pool.acquireTimeout),
  // sqlx prepares statements; behind a transaction pooler they would be gone at the next transaction.
  plain("NOETL_PG_STATEMENT_CACHE_CAPACITY", ({ database }) => (database.transactionPooling ? 0 : undefined)),
  plain("NATS_URL", ({ nats }) => nats.url),
  plain("NATS_USER", ({ nats }) => nats.user),
  secret("NATS_PASSWORD", "natsPassword"),
  // The published server ignores the three above and reads only this one.
  secret("NOETL_NATS_URL", "natsUrl"),
  plain("SSL_CERT_FILE", ({ nats, tls }) => natsTrust(nats, tls?.paths.ca).SSL_CERT_FILE),
  plain("SSL_CERT_DIR", ({ nats, tls }) => natsTrust(nats, tls?.paths.ca).SSL_CERT_DIR),
  plain("RUST_LOG", ({ settings }) => settings.rustLog),
];

/** Names of all variables that {@link serverEnv} can set, in order. */
export const SERVER_VARIABLES: readonly string[] = ROWS.map(({ name }) => name);

/**
 * The environment of a server container. Every value is typed before it is rendered: one value the server cannot parse
 * makes it ignore all `NOETL_*` variables.
 */
export function serverEnv(environment: ServerEnvironment): EnvVar[] {
  return ROWS.flatMap((row) => row.value(environment) ?? []);
}

function plain(name: string, value: (e: ServerEnvironment) => string | number | boolean | undefined): Row {
  return {
    name,
    value: (environment) => {
      const text = value(environment);
      return text === undefined ? undefined : literal(name, text);
    },
  };
}

function secret(name: string, key: keyof RuntimeSecretKeys): Row {
  return {
    name,
    value: ({ secrets }) => {
      const reference = secrets[key];
      return reference && fromSecret(name, reference);
    },
  };
}

/** A variable that differs between replicas. */
function perReplica(
  name: string,
  single: (identity: Exclude<ReplicaIdentity, "podIndex">) => number,
  fromIndex: (environment: ServerEnvironment) => boolean = () => true,
): Row {
  return {
    name,
    value: (environment) => {
      const { identity } = environment;
      if (identity !== "podIndex") return literal(name, single(identity));
      return fromIndex(environment) ? fromField(name, POD_INDEX) : undefined;
    },
  };
}
