import { MAX_SHARDS } from "../../../components/noetl/shard";
import { parseShardDsn, type ShardConnection } from "../../../components/database/shards";
import { type Place, StartError } from "./place";
import { MACHINES, machineOf } from "./snowflake";

/** What a server makes of its environment. */
export interface ServerSettings {
  port: number;
  publicUrl: string;
  metrics: boolean;
  machineId: number;
  shard: { index: number; count: number };
  /** With user and password in it. Default: no messaging. */
  natsUrl: string | undefined;
  database: ShardConnection;
  /** Databases of the shards and of what all share. Default: one database for all. */
  sharded: { shards: ShardConnection[]; cluster: ShardConnection } | undefined;
  pool: { max: number; acquireSeconds: number };
  tls: { certificate: string; key: string; clientCa: string | undefined } | undefined;
}

/** Which of the two servers it is: they take their settings by different names. */
export type ServerRuntime = "rust" | "python";

const KEY_BYTES = 32;

/**
 * Reads the environment as the published servers do, with their habits: one number that does not parse throws away all
 * `NOETL_*` settings, and DSNs that do not parse lead to the single database, both with no more than a line in the log.
 *
 * @throws StartError where the published server ends
 */
export function serverSettings(place: Place, runtime: ServerRuntime): ServerSettings {
  const { env } = place;
  const app = appSettings(place);
  assertEncryptionKey(env);
  return {
    ...app,
    natsUrl: runtime === "python" ? env.NATS_URL : app.natsUrl,
    database: runtime === "python" ? pythonDatabase(env) : rustDatabase(env),
    sharded: runtime === "python" ? undefined : shardedDatabases(place),
    pool: {
      max: Number(env.POSTGRES_MAX_CONNECTIONS ?? env.NOETL_POSTGRES_POOL_MAX_SIZE ?? 10),
      acquireSeconds: Number(env.POSTGRES_ACQUIRE_TIMEOUT ?? 30),
    },
    tls: tlsFiles(env),
  };
}

function appSettings({ env, hostname, log }: Place) {
  const numbers = ["NOETL_PORT", "NOETL_SERVER_MACHINE_ID", "NOETL_SHARD_INDEX", "NOETL_SHARD_COUNT", "NOETL_WORKERS"];
  const unreadable = numbers.find((name) => env[name] !== undefined && !/^\d+$/.test(env[name]));
  if (unreadable !== undefined) log(`WARN Failed to load app config, using defaults: ${unreadable}`);
  const read = unreadable === undefined ? env : {};
  const port = Number(read.NOETL_PORT ?? 8082);
  const machineId = Number(read.NOETL_SERVER_MACHINE_ID ?? machineOf(hostname));
  if (machineId >= MACHINES) throw new StartError(`machine id ${machineId} has more than 10 bits`);
  const shard = { index: Number(read.NOETL_SHARD_INDEX ?? 0), count: Number(read.NOETL_SHARD_COUNT ?? 1) };
  if (shard.index >= shard.count || shard.count > MAX_SHARDS) {
    throw new StartError(`shard index ${shard.index} is not below the shard count ${shard.count}`);
  }
  return {
    ...{ port, machineId, shard },
    publicUrl: read.NOETL_PUBLIC_SERVER_URL ?? read.NOETL_SERVER_URL ?? `http://localhost:${port}`,
    metrics: read.NOETL_DISABLE_METRICS !== "true",
    natsUrl: read.NOETL_NATS_URL,
  };
}

function assertEncryptionKey(env: Place["env"]): void {
  const key = env.NOETL_ENCRYPTION_KEY;
  if (key === undefined) {
    if (env.NOETL_ALLOW_INSECURE_DEFAULT_KEY === "true") return;
    throw new StartError("NOETL_ENCRYPTION_KEY is not set");
  }
  const bytes = Buffer.from(key, "base64");
  if (bytes.toString("base64") !== key.trim() || bytes.length !== KEY_BYTES) {
    throw new StartError(`NOETL_ENCRYPTION_KEY is not the base64 of ${KEY_BYTES} bytes`);
  }
}

function rustDatabase(env: Place["env"]): ShardConnection {
  return {
    host: env.POSTGRES_HOST ?? "localhost",
    port: Number(env.POSTGRES_PORT ?? 5432),
    user: env.POSTGRES_USER ?? "noetl",
    password: env.POSTGRES_PASSWORD ?? "",
    database: env.POSTGRES_DATABASE ?? "noetl",
  };
}

function pythonDatabase(env: Place["env"]): ShardConnection {
  return {
    ...rustDatabase(env),
    user: env.NOETL_USER ?? "noetl",
    password: env.NOETL_PASSWORD ?? "",
    database: env.NOETL_POSTGRES_DB ?? "noetl",
  };
}

function shardedDatabases({ env, log }: Place): ServerSettings["sharded"] {
  if (!env.NOETL_SHARDS || !env.NOETL_CLUSTER_DSN) return undefined;
  const [cluster, ...shards] = [env.NOETL_CLUSTER_DSN, ...env.NOETL_SHARDS.split(",")].map(parseShardDsn);
  const wrong = [cluster, ...shards].find((one) => typeof one === "string");
  if (wrong === undefined) return { shards: shards as ShardConnection[], cluster: cluster as ShardConnection };
  log(`WARN a shard DSN ${wrong}: falling back to the single pool`);
  return undefined;
}

function tlsFiles(env: Place["env"]): ServerSettings["tls"] {
  const { NOETL_TLS_CERT: certificate, NOETL_TLS_KEY: key, NOETL_TLS_CLIENT_CA: clientCa } = env;
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new StartError("NOETL_TLS_CERT and NOETL_TLS_KEY go together");
  return { certificate, key, clientCa };
}
