import { describe, expect, test } from "@jest/globals";
import { SERVER_VARIABLES, serverEnv, type ServerEnvironment } from "../../../components/noetl/server-env";
import { database, namespace, nats, natsTls, secrets, settings } from "./facts";

const SECRET_KEYS = {
  ...secrets,
  databaseUrl: { secret: "noetl-secret", key: "DATABASE_URL" },
  vaultToken: { secret: "noetl-secret", key: "VAULT_TOKEN" },
  kubernetesToken: { secret: "noetl-secret", key: "NOETL_K8S_TOKEN" },
  shards: { secret: "noetl-shards", key: "NOETL_SHARDS" },
  clusterDsn: { secret: "noetl-shards", key: "NOETL_CLUSTER_DSN" },
};

const DEFAULTS: ServerEnvironment = {
  settings,
  identity: { machineId: 1, shardIndex: 0 },
  shardCount: 1,
  flip: "off",
  publicUrl: "http://noetl-server-rust.noetl.svc.cluster.local:8082",
  database,
  nats,
  secrets,
};

const PEERS = "http://noetl-server-rust-{shard}.noetl-server-rust-headless.noetl.svc.cluster.local:8082";

/** An environment in which every optional setting is given; replicas differ in what the last rows say. */
const EVERYTHING: ServerEnvironment = {
  ...DEFAULTS,
  identity: "podIndex",
  shardCount: 4,
  peerUrlTemplate: PEERS,
  flip: "on",
  settings: {
    ...settings,
    workers: 8,
    systemPluginDirectory: "/opt/plugins",
    rustLog: "info,noetl_server=debug",
    keychain: {
      gcp: {
        project: "noetl-prod",
        endpoint: "http://secrets.test/v1",
        metadataTokenUrl: "http://metadata.test/token",
      },
      kubernetes: {
        namespaces: [namespace],
        apiUrl: "https://api.test:6443",
        namespace: "tenant",
        caFile: "/etc/api/ca.crt",
        tokenFile: "/etc/api/token",
      },
      vault: {
        address: "https://vault.test:8200",
        tokenFile: "/etc/vault/token",
        namespace: "team",
        kvMount: "kv",
        caFile: "/etc/vault/ca.crt",
      },
    },
  },
  tls: { paths: { certificate: "/tls/tls.crt", key: "/tls/tls.key", ca: "/tls/ca.crt" }, mutual: true },
  nats: natsTls,
  database: { ...database, transactionPooling: true },
  secrets: SECRET_KEYS,
};

type Source = string | { from: "secret"; name: string; key: string } | { from: "pod"; path: string };

const secret = (name: string, key: string): Source => ({ from: "secret", name, key });
const pod = (path: string): Source => ({ from: "pod", path });

const POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']";

/** What a variable is made from, or undefined when it is not set. */
function sourceOf(name: string, environment: ServerEnvironment): Source | undefined {
  const variable = serverEnv(environment).find((candidate) => candidate.name === name) as
    | {
        value?: string;
        valueFrom?: { secretKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } };
      }
    | undefined;
  const { secretKeyRef, fieldRef } = variable?.valueFrom ?? {};
  if (secretKeyRef) return secret(secretKeyRef.name, secretKeyRef.key);
  if (fieldRef) return pod(fieldRef.fieldPath);
  return variable?.value;
}

/** The table of the deployment specification: variable, value by default, value when everything is given. */
const TABLE: [string, Source | undefined, Source][] = [
  ["NOETL_HOST", "0.0.0.0", "0.0.0.0"],
  ["NOETL_PORT", "8082", "8082"],
  ["NOETL_WORKERS", undefined, "8"],
  ["NOETL_DEBUG", "false", "false"],
  ["NOETL_SERVER_NAME", "noetl-control-plane", "noetl-control-plane"],
  [
    "NOETL_ENCRYPTION_KEY",
    secret("noetl-secret", "NOETL_ENCRYPTION_KEY"),
    secret("noetl-secret", "NOETL_ENCRYPTION_KEY"),
  ],
  [
    "NOETL_INTERNAL_API_TOKEN",
    secret("noetl-internal-api-token", "token"),
    secret("noetl-internal-api-token", "token"),
  ],
  ["NOETL_PUBLIC_SERVER_URL", DEFAULTS.publicUrl, DEFAULTS.publicUrl],
  ["NOETL_TLS_CERT", undefined, "/tls/tls.crt"],
  ["NOETL_TLS_KEY", undefined, "/tls/tls.key"],
  ["NOETL_TLS_CLIENT_CA", undefined, "/tls/ca.crt"],
  ["NOETL_DISABLE_METRICS", "false", "false"],
  ["NOETL_AUTO_RECREATE_RUNTIME", "true", "true"],
  ["NOETL_RUNTIME_SWEEP_INTERVAL", "30", "30"],
  ["NOETL_RUNTIME_OFFLINE_SECONDS", "60", "60"],
  ["NOETL_SYSTEM_PLUGIN_DIR", undefined, "/opt/plugins"],
  ["NOETL_SERVER_MACHINE_ID", "1", pod(POD_INDEX)],
  ["NOETL_SHARD_INDEX", "0", pod(POD_INDEX)],
  ["NOETL_SHARD_COUNT", "1", "4"],
  ["NOETL_SHARDS", undefined, secret("noetl-shards", "NOETL_SHARDS")],
  ["NOETL_CLUSTER_DSN", undefined, secret("noetl-shards", "NOETL_CLUSTER_DSN")],
  ["NOETL_REPLICA_COHERENCE", undefined, "nats_kv"],
  ["NOETL_EXECUTION_AFFINITY", undefined, "true"],
  ["NOETL_PEER_URL_TEMPLATE", undefined, PEERS],
  ["NOETL_EVENT_INGEST_PUBLISH_ONLY", "false", "true"],
  ["NOETL_STATE_BUILDER", "server", "offserver"],
  ["NOETL_SCHEMA", "noetl", "noetl"],
  ["GOOGLE_CLOUD_PROJECT", undefined, "noetl-prod"],
  ["NOETL_GCP_SM_ENDPOINT", undefined, "http://secrets.test/v1"],
  ["NOETL_GCP_METADATA_TOKEN_URL", undefined, "http://metadata.test/token"],
  ["NOETL_K8S_API_URL", undefined, "https://api.test:6443"],
  ["NOETL_K8S_NAMESPACE", undefined, "tenant"],
  ["NOETL_K8S_CA_FILE", undefined, "/etc/api/ca.crt"],
  ["NOETL_K8S_TOKEN_FILE", undefined, "/etc/api/token"],
  ["NOETL_K8S_TOKEN", undefined, secret("noetl-secret", "NOETL_K8S_TOKEN")],
  ["VAULT_ADDR", undefined, "https://vault.test:8200"],
  ["VAULT_TOKEN", undefined, secret("noetl-secret", "VAULT_TOKEN")],
  ["NOETL_VAULT_TOKEN_FILE", undefined, "/etc/vault/token"],
  ["VAULT_NAMESPACE", undefined, "team"],
  ["NOETL_VAULT_KV_MOUNT", undefined, "kv"],
  ["NOETL_VAULT_CA_FILE", undefined, "/etc/vault/ca.crt"],
  ["DATABASE_URL", undefined, secret("noetl-secret", "DATABASE_URL")],
  ["POSTGRES_HOST", "postgres.postgres.svc.cluster.local", "postgres.postgres.svc.cluster.local"],
  ["POSTGRES_PORT", "5432", "5432"],
  ["POSTGRES_USER", "noetl", "noetl"],
  ["POSTGRES_PASSWORD", secret("noetl-secret", "NOETL_PASSWORD"), secret("noetl-secret", "NOETL_PASSWORD")],
  ["POSTGRES_DATABASE", "noetl", "noetl"],
  ["POSTGRES_MAX_CONNECTIONS", "10", "10"],
  ["POSTGRES_MIN_CONNECTIONS", "1", "1"],
  ["POSTGRES_ACQUIRE_TIMEOUT", "30", "30"],
  ["NOETL_PG_STATEMENT_CACHE_CAPACITY", undefined, "0"],
  ["NATS_URL", "nats://nats.nats.svc.cluster.local:4222", "tls://nats.nats.svc.cluster.local:4222"],
  ["NATS_USER", "noetl", "noetl"],
  ["NATS_PASSWORD", secret("noetl-nats", "NATS_PASSWORD"), secret("noetl-nats", "NATS_PASSWORD")],
  ["NOETL_NATS_URL", secret("noetl-nats", "NOETL_NATS_URL"), secret("noetl-nats", "NOETL_NATS_URL")],
  ["SSL_CERT_FILE", undefined, "/tls/ca.crt"],
  ["SSL_CERT_DIR", undefined, "/etc/ssl/certs"],
  ["RUST_LOG", undefined, "info,noetl_server=debug"],
];

describe("the environment of a server", () => {
  test.each(TABLE)("%s has its default and its setting", (name, byDefault, given) => {
    expect(sourceOf(name, DEFAULTS)).toEqual(byDefault);
    expect(sourceOf(name, EVERYTHING)).toEqual(given);
  });

  test("holds the variables of the table and no other, each once", () => {
    expect(SERVER_VARIABLES).toEqual(TABLE.map(([name]) => name));
    expect(serverEnv(EVERYTHING).map(({ name }) => name)).toEqual(SERVER_VARIABLES);
  });

  test("given several replicas, each takes its machine id from its pod, and no shard while there is one", () => {
    const environment: ServerEnvironment = { ...DEFAULTS, identity: "podIndex" };
    expect(sourceOf("NOETL_SERVER_MACHINE_ID", environment)).toEqual(pod(POD_INDEX));
    expect(sourceOf("NOETL_SHARD_INDEX", environment)).toBeUndefined();
  });

  test("given one server that knows several shards, it says which is its own", () => {
    const environment: ServerEnvironment = {
      ...DEFAULTS,
      identity: { machineId: 1023, shardIndex: 3 },
      shardCount: 4,
    };
    expect(sourceOf("NOETL_SERVER_MACHINE_ID", environment)).toBe("1023");
    expect(sourceOf("NOETL_SHARD_INDEX", environment)).toBe("3");
    expect(sourceOf("NOETL_SHARD_COUNT", environment)).toBe("4");
    expect(sourceOf("NOETL_EXECUTION_AFFINITY", environment)).toBeUndefined();
  });

  test.each([
    ["off", "false", "server"],
    ["shadow", "false", "server"],
    ["on", "true", "offserver"],
  ] as const)("given flip %s, publish-only is %s, and state is built by the %s", (flip, publishOnly, stateBuilder) => {
    const environment: ServerEnvironment = { ...DEFAULTS, flip };
    expect(sourceOf("NOETL_EVENT_INGEST_PUBLISH_ONLY", environment)).toBe(publishOnly);
    expect(sourceOf("NOETL_STATE_BUILDER", environment)).toBe(stateBuilder);
  });

  /** What the deployment specification wants from a Secret, and what else holds a password. */
  test.each([
    "NOETL_ENCRYPTION_KEY",
    "POSTGRES_PASSWORD",
    "NATS_PASSWORD",
    "NOETL_INTERNAL_API_TOKEN",
    "NOETL_NATS_URL",
    "NOETL_SHARDS",
    "NOETL_CLUSTER_DSN",
    "DATABASE_URL",
    "VAULT_TOKEN",
    "NOETL_K8S_TOKEN",
  ])("%s is never a literal", (name) => {
    expect(sourceOf(name, EVERYTHING)).toMatchObject({ from: "secret" });
  });

  test("given metrics off, the server is told not to serve them", () => {
    const environment = { ...DEFAULTS, settings: { ...settings, metrics: false } };
    expect(sourceOf("NOETL_DISABLE_METRICS", environment)).toBe("true");
  });
});
