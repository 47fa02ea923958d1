import { fromField, fromSecret, literal, type EnvVar, type SecretKey } from "../kubernetes/env";
import { quantityValue } from "../kubernetes/quantity";
import { podTlsOf } from "./client-tls";
import { natsTrustEnv } from "./nats-trust";
import { metricsPort, type WorkerFacts } from "./worker-facts";

/** A credential that playbooks use under the name of a variable. */
export interface KeychainVariable {
  variable: string;
  from: SecretKey;
}

/** The environment of a worker; a worker drops a value it cannot parse without a word, so all are typed. */
export function workerEnv(facts: WorkerFacts): EnvVar[] {
  return [...(facts.runtime.kind === "rust" ? rustEnv(facts) : pythonEnv(facts)), ...keychainEnv(facts.keychain)];
}

function rustEnv(facts: WorkerFacts): EnvVar[] {
  const { runtime } = facts;
  return [
    fromField("WORKER_ID", "metadata.name"),
    literal("WORKER_POOL_NAME", facts.poolName),
    literal("NOETL_SERVER_URL", facts.server.url),
    literal("NATS_URL", facts.nats.url),
    literal("NATS_USER", facts.nats.user),
    fromSecret("NATS_PASSWORD", facts.secrets.natsPassword),
    literal("NATS_STREAM", facts.stream),
    literal("NATS_CONSUMER", facts.consumer),
    literal("NATS_SUBJECT", facts.subject),
    ...(runtime.kind === "rust" ? [literal("NATS_FILTER_SUBJECT", runtime.filterSubject)] : []),
    literal("WORKER_MAX_CONCURRENT", facts.maxConcurrent),
    literal("WORKER_HEARTBEAT_INTERVAL", facts.heartbeatInterval),
    literal("WORKER_METRICS_BIND", `0.0.0.0:${metricsPort("rust")}`),
    literal("WORKER_NATS_LAG_POLL_INTERVAL", facts.natsLagPollInterval),
    literal("NOETL_IPC_CACHE_BUDGET_BYTES", quantityValue(facts.ipcCacheBudget)),
    ...clientTlsEnv(facts),
    ...(facts.rustLog === undefined ? [] : [literal("RUST_LOG", facts.rustLog)]),
  ];
}

/** What makes a Rust worker present a certificate to the server, and trust server and NATS. */
export function clientTlsEnv({ tls, nats }: Pick<WorkerFacts, "tls" | "nats">): EnvVar[] {
  if (!tls) return natsTrustEnv(nats, undefined);
  const { certificate, key, ca } = podTlsOf(tls).paths;
  return [
    literal("NOETL_TLS_CLIENT_CERT", certificate),
    literal("NOETL_TLS_CLIENT_KEY", key),
    literal("NOETL_TLS_CA", ca),
    ...natsTrustEnv(nats, ca),
  ];
}

/** Commands on databases that a Python worker runs at once, in its code; it refuses to start with more than all commands. */
const PYTHON_DATABASE_COMMANDS = 4;

function pythonEnv(facts: WorkerFacts): EnvVar[] {
  const { runtime } = facts;
  return [
    literal("NOETL_RUN_MODE", "worker"),
    literal("TZ", "UTC"),
    literal("PYTHONPATH", "/opt/noetl"),
    literal("NOETL_DATA_DIR", "/opt/noetl/data"),
    // The root file system is read-only.
    literal("HOME", "/tmp"),
    literal("NOETL_WORKER_POOL_NAME", facts.poolName),
    literal("NOETL_WORKER_POOL_RUNTIME", "cpu"),
    literal("NOETL_SERVER_URL", facts.server.url),
    // It logs in with what stands in the URL and with nothing else.
    fromSecret("NATS_URL", facts.secrets.natsUrl),
    literal("NATS_USER", facts.nats.user),
    fromSecret("NATS_PASSWORD", facts.secrets.natsPassword),
    literal("NATS_STREAM", facts.stream),
    literal("NATS_CONSUMER", facts.consumer),
    literal("NATS_SUBJECT", facts.subject),
    ...(runtime.kind === "python" ? [literal("NOETL_WORKER_POOL_SEGMENTS", runtime.segments.join(","))] : []),
    literal("NOETL_WORKER_MAX_INFLIGHT_COMMANDS", facts.maxConcurrent),
    literal("NOETL_WORKER_MAX_INFLIGHT_DB_COMMANDS", Math.min(PYTHON_DATABASE_COMMANDS, facts.maxConcurrent)),
    literal("NOETL_WORKER_COMMAND_TIMEOUT_SECONDS", facts.commandTimeout),
    literal("NOETL_WORKER_HEARTBEAT_INTERVAL", facts.heartbeatInterval),
    literal("NOETL_WORKER_METRICS_HOST", "0.0.0.0"),
    literal("NOETL_WORKER_METRICS_PORT", metricsPort("python")),
    literal("NOETL_IPC_CACHE_BUDGET_BYTES", quantityValue(facts.ipcCacheBudget)),
  ];
}

/** Values from Secrets, and the list that makes a worker offer them to playbooks. */
function keychainEnv(keychain: readonly KeychainVariable[] = []): EnvVar[] {
  if (keychain.length === 0) return [];
  return [
    ...keychain.map(({ variable, from }) => fromSecret(variable, from)),
    literal("NOETL_KEYCHAIN_ENV_VARS", keychain.map(({ variable }) => variable).join(",")),
  ];
}
