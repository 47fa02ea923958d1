import type * as k8s from "@pulumi/kubernetes";
import type { DatabaseConnection } from "../database/connection";
import { fromSecret, literal, type EnvVar } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import type { NatsConnection } from "../nats/connection";
import { TOKENS } from "../tls/flight-names";
import type { FlightSide } from "../tls/flight-tls";
import { reloaderAnnotations } from "../tls/pod-tls";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import { waitForNats } from "./wait-for-nats";

/** Names that the platform has always had: of the Deployment, its account and its pods' `app` label, and of the Service. */
export const NAME = "noetl-server";
export const SERVICE = "noetl";
export const HTTP_PORT = 8082;
/** Port of Arrow Flight. */
export const FLIGHT_PORT = 8083;

/** What the Python server's pod is made from. */
export interface PythonServerFacts {
  namespace: Namespace;
  /** Image with the Python package `noetl`. */
  image: string;
  logLevel: "DEBUG" | "INFO" | "WARNING" | "ERROR";
  /** Connections to PostgreSQL: of its API at most and at least, and of its background work at most. */
  pool: { max: number; min: number; background: number };
  resources: ResourceAmounts;
  database: DatabaseConnection;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
  /** Certificate and tokens of Flight. Default: plain gRPC, open to whoever reaches it. */
  flight?: { side: FlightSide; mutual: boolean } | undefined;
  /** Image with the `nats` command, for the init container that waits for a login. */
  natsBoxImage: string;
}

const DATA = "/opt/noetl/data";

function metadata({ namespace }: Pick<PythonServerFacts, "namespace">, name = NAME) {
  return { name, namespace: namespace.created, labels: podLabels() };
}

function podLabels(): Record<string, string> {
  return labels({ app: NAME, component: "server", extra: { runtime: "python" } });
}

export function serviceAccount(facts: PythonServerFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts), automountServiceAccountToken: false };
}

export function service(facts: PythonServerFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, SERVICE),
    spec: {
      selector: selector(NAME),
      ports: [
        { name: "noetl", port: HTTP_PORT, targetPort: "http" },
        { name: "flight-grpc", port: FLIGHT_PORT, targetPort: "flight-grpc" },
      ],
    },
  };
}

export function deployment(facts: PythonServerFacts): k8s.apps.v1.DeploymentArgs {
  const { flight } = facts;
  const tls = flight?.side.tls;
  const reload = tls ? reloaderAnnotations(tls) : {};
  const annotations = { ...flight?.side.podAnnotations };
  return {
    metadata: { ...metadata(facts), ...(Object.keys(reload).length > 0 && { annotations: reload }) },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector(NAME) },
      template: {
        metadata: { labels: podLabels(), ...(Object.keys(annotations).length > 0 && { annotations }) },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: NAME,
          initContainers: [...(tls?.initContainers ?? []), waitForNats(facts)],
          containers: [container(facts)],
          volumes: [{ name: "tmp", emptyDir: {} }, { name: "data", emptyDir: {} }, ...(tls?.volumes ?? [])],
        },
      },
    },
  };
}

function container(facts: PythonServerFacts): k8s.types.input.core.v1.Container {
  const health = { httpGet: { path: "/api/health", port: "http" }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    name: NAME,
    image: facts.image,
    command: ["python", "-m", "noetl.server"],
    ports: [
      { name: "http", containerPort: HTTP_PORT },
      { name: "flight-grpc", containerPort: FLIGHT_PORT },
    ],
    env: [...serverEnv(facts), ...flightEnv(facts)],
    resources: resourceRequirements(facts.resources),
    livenessProbe: { ...health, initialDelaySeconds: 120, failureThreshold: 6 },
    readinessProbe: { ...health, initialDelaySeconds: 60, failureThreshold: 12 },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "data", mountPath: DATA },
      ...(facts.flight?.side.tls?.volumeMounts ?? []),
    ],
  };
}

function serverEnv({ namespace, logLevel, pool, database, nats, secrets }: PythonServerFacts): EnvVar[] {
  return [
    literal("NOETL_RUN_MODE", "server"),
    literal("TZ", "UTC"),
    literal("LOG_LEVEL", logLevel),
    literal("PYTHONPATH", "/opt/noetl"),
    literal("NOETL_DATA_DIR", DATA),
    // The root file system is read-only.
    literal("HOME", "/tmp"),
    literal("NOETL_HOST", "0.0.0.0"),
    literal("NOETL_PORT", HTTP_PORT),
    literal("NOETL_SERVER_URL", `http://${SERVICE}.${namespace.name}.svc.cluster.local:${HTTP_PORT}`),
    literal("NOETL_DISABLE_METRICS", true),
    // It logs in with what stands in the URL and with nothing else.
    fromSecret("NATS_URL", secrets.natsUrl),
    literal("NATS_USER", nats.user),
    fromSecret("NATS_PASSWORD", secrets.natsPassword),
    literal("NATS_STREAM", "NOETL_COMMANDS"),
    literal("NATS_CONSUMER", "noetl_worker_pool"),
    literal("NATS_SUBJECT", "noetl.commands"),
    literal("NOETL_COMMAND_ROUTING_ENABLED", true),
    literal("NOETL_RUNTIME_SWEEP_INTERVAL", 15),
    literal("NOETL_RUNTIME_OFFLINE_SECONDS", 60),
    literal("POSTGRES_HOST", database.host),
    literal("POSTGRES_PORT", database.port),
    literal("NOETL_POSTGRES_DB", database.database),
    literal("NOETL_USER", database.user),
    literal("NOETL_SCHEMA", database.schema),
    fromSecret("NOETL_PASSWORD", secrets.postgresPassword),
    literal("NOETL_POSTGRES_POOL_MAX_SIZE", pool.max),
    literal("NOETL_POSTGRES_POOL_MIN_SIZE", pool.min),
    literal("NOETL_BG_POOL_MAX_SIZE", pool.background),
    fromSecret("NOETL_ENCRYPTION_KEY", secrets.encryptionKey),
    literal("NOETL_INLINE_MAX_BYTES", 65536),
    literal("NOETL_DEFAULT_STORAGE_TIER", "kv"),
  ];
}

/** Of Flight; it refuses to start with a client CA and no certificate. */
function flightEnv({ flight }: PythonServerFacts): EnvVar[] {
  if (!flight) return [];
  const { tls, tokens } = flight.side;
  return [
    ...(tls
      ? [literal("NOETL_FLIGHT_TLS_CERT", tls.paths.certificate), literal("NOETL_FLIGHT_TLS_KEY", tls.paths.key)]
      : []),
    ...(tls && flight.mutual ? [literal("NOETL_FLIGHT_CLIENT_CA", tls.paths.ca)] : []),
    ...(tokens ? [fromSecret(TOKENS, tokens)] : []),
  ];
}
