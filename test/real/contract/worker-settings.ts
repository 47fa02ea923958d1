import type { ClientTls } from "./http-client";
import { type Place, StartError } from "./place";

/** Which of the two workers it is. */
export type WorkerRuntime = "rust" | "python";

/** What a worker makes of its environment. */
export interface WorkerSettings {
  id: string;
  pool: string;
  serverUrl: string;
  nats: { url: string; login: { user: string | undefined; password: string | undefined } | undefined };
  stream: string;
  subject: string;
  /** Durable consumers and what each takes. */
  consumers: { name: string; filter: string }[];
  concurrent: number;
  /** Port of metrics and health in the container. */
  metricsPort: number;
  tls: ClientTls;
  /** Variables that playbooks may name. */
  keychain: ReadonlyMap<string, string>;
}

/** Reads the environment as the published workers do. @throws StartError where they end */
export function workerSettings(place: Place, runtime: WorkerRuntime): WorkerSettings {
  const { env, hostname } = place;
  const subject = env.NATS_SUBJECT ?? "noetl.commands";
  return {
    serverUrl: env.NOETL_SERVER_URL ?? "http://localhost:8082",
    stream: env.NATS_STREAM ?? "NOETL_COMMANDS",
    subject,
    tls: clientTls(place),
    keychain: keychain(env),
    ...(runtime === "rust" ? rust(env, hostname, subject) : python(env, hostname, subject)),
  };
}

function rust(env: Place["env"], hostname: string, subject: string) {
  const url = env.NATS_URL ?? "nats://localhost:4222";
  const consumer = env.NATS_CONSUMER ?? "noetl_worker_pool";
  return {
    id: env.WORKER_ID ?? hostname,
    pool: env.WORKER_POOL_NAME ?? "worker-rust-pool",
    nats: { url, login: { user: env.NATS_USER, password: env.NATS_PASSWORD } },
    consumers: [{ name: consumer, filter: env.NATS_FILTER_SUBJECT ?? `${subject}.>` }],
    // What does not parse is dropped without a word.
    concurrent: positive(env.WORKER_MAX_CONCURRENT) ?? 4,
    metricsPort: positive(env.WORKER_METRICS_BIND?.split(":").at(-1)) ?? 9090,
  };
}

function python(env: Place["env"], hostname: string, subject: string) {
  const segments = (env.NOETL_WORKER_POOL_SEGMENTS ?? "shared").split(",").filter((segment) => segment !== "legacy");
  const prefix = env.NATS_CONSUMER ?? "noetl_worker_pool";
  return {
    id: hostname,
    pool: env.NOETL_WORKER_POOL_NAME ?? "worker-cpu-01",
    // It logs in with what stands in the URL and with nothing else.
    nats: { url: env.NATS_URL ?? "nats://localhost:4222", login: undefined },
    consumers: segments.map((segment) => ({ name: `${prefix}_${segment}`, filter: `${subject}.${segment}.>` })),
    concurrent: positive(env.NOETL_WORKER_MAX_INFLIGHT_COMMANDS) ?? 4,
    metricsPort: positive(env.NOETL_WORKER_METRICS_PORT) ?? 9091,
  };
}

function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function clientTls({ env, file }: Place): ClientTls {
  const { NOETL_TLS_CLIENT_CERT: certificate, NOETL_TLS_CLIENT_KEY: key, NOETL_TLS_CA: ca } = env;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new StartError("NOETL_TLS_CLIENT_CERT and NOETL_TLS_CLIENT_KEY go together");
  }
  const text = (path: string | undefined): string | undefined => (path === undefined ? undefined : file(path));
  return { ca: text(ca), certificate: text(certificate), key: text(key) };
}

function keychain(env: Place["env"]): ReadonlyMap<string, string> {
  const names = (env.NOETL_KEYCHAIN_ENV_VARS ?? "").split(",").map((name) => name.trim());
  return new Map(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const])));
}
