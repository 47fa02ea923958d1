import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as k8s from "@pulumi/kubernetes";
import type { DatabaseConnection } from "../database/connection";
import { schemaVersion, sqlFile } from "../database/sql";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { fromSecret, literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { HELPER_RESOURCES, NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import type { NatsConnection } from "../nats/connection";
import { creationRequests } from "../nats/jetstream-requests";
import type { JetStreamFacts } from "../nats/streams";
import type { TlsIdentity } from "../tls/authority";
import { reloaderAnnotations, type PodTls } from "../tls/pod-tls";
import { podTlsOf } from "./client-tls";
import type { Flip } from "./flip";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import { serverEnv, type ServerSettings } from "./server-env";
import { SHARD_PROXY_URL, serverProxy, toShards } from "./server-proxy";
import { keychainFiles } from "./keychain-files";
import { waitForNats } from "./wait-for-nats";

/** Where the init container finds what to make. */
const STREAMS_DIR = "/etc/noetl/streams";

type Container = k8s.types.input.core.v1.Container;
type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;

/** Which paths answer the probes; see {@link PROBES}. */
export type HealthApi = "seed" | "published";

/** TLS of the server's port. */
export interface ServerTls {
  /** Its certificate, for {@link certificateNames}; where replicas hand events on to each other, of a client, too. */
  identity: TlsIdentity;
  /** Whether it refuses everybody who presents no certificate of the same authority. */
  mutual: boolean;
  /** Image with HAProxy: the server itself can present no certificate to another replica. */
  proxyImage: string;
}

/** What a server's pods are made from. */
export interface ServerFacts {
  /** Name of workload, Service and ServiceAccount, and the pods' `app` label. */
  name: string;
  namespace: Namespace;
  image: string;
  replicas: number;
  healthApi: HealthApi;
  settings: ServerSettings;
  /** Machine id of a single server; more replicas take their pod's index. */
  machineId: number;
  /** Shards of the cluster, and the one a single server owns. */
  shards: { count: number; index: number };
  /** How events reach the database. */
  flip: Flip;
  publicUrl: string;
  /** TLS of its port. Default: none. */
  tls?: ServerTls | undefined;
  resources: ResourceAmounts;
  database: DatabaseConnection;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
  /** Image with `psql`, for the init container that waits for the schema. */
  postgresImage: string;
  /** Image with the `nats` command, for the init container that waits for a login. */
  natsBoxImage: string;
  /** Streams, consumers and buckets to make before the server starts. Default: none. */
  streams?: JetStreamFacts | undefined;
}

/**
 * Probe paths. `seed`: the deployment specification, where readiness checks PostgreSQL and NATS. `published`: what the
 * released images answer; /health does not look at the database, so a lost database takes the pod out of the Service
 * (readiness) and does not restart it (liveness).
 */
const PROBES: Record<HealthApi, { liveness: string; readiness: string }> = {
  seed: { liveness: "/healthz", readiness: "/readyz" },
  published: { liveness: "/health", readiness: "/api/health" },
};

function metadata(facts: Pick<ServerFacts, "name" | "namespace">) {
  return { name: facts.name, namespace: facts.namespace.created, labels: serverLabels(facts.name) };
}

function serverLabels(name: string) {
  return labels({ app: name, component: "server", extra: { runtime: "rust" } });
}

export function service(facts: ServerFacts): k8s.core.v1.ServiceArgs {
  return { metadata: metadata(facts), spec: serviceSpec(facts) };
}

/** Stable names for the pods of a StatefulSet. */
export function headlessService(facts: ServerFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata(facts), name: headlessName(facts.name) },
    spec: { ...serviceSpec(facts), clusterIP: "None", publishNotReadyAddresses: true },
  };
}

function serviceSpec(facts: ServerFacts) {
  return { selector: selector(facts.name), ports: [{ name: "http", port: facts.settings.port, targetPort: "http" }] };
}

export function nodePortService(facts: ServerFacts, nodePort: number): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata(facts), name: `${facts.name}-ext` },
    spec: {
      type: "NodePort",
      selector: selector(facts.name),
      ports: [{ name: "http", port: facts.settings.port, targetPort: "http", nodePort }],
    },
  };
}

export function disruptionBudget(facts: ServerFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts), facts.name);
}

export function serviceAccount(facts: ServerFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts), automountServiceAccountToken: false };
}

export function deployment(facts: ServerFacts): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: workloadMetadata(facts),
    spec: {
      replicas: 1,
      selector: { matchLabels: selector(facts.name) },
      // Never two at once: they would have one machine id and make the same execution ids.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: podTemplate(facts),
    },
  };
}

export function statefulSet(facts: ServerFacts): k8s.apps.v1.StatefulSetArgs {
  return {
    metadata: workloadMetadata(facts),
    spec: {
      replicas: facts.replicas,
      serviceName: headlessName(facts.name),
      podManagementPolicy: "Parallel",
      selector: { matchLabels: selector(facts.name) },
      template: podTemplate(facts),
    },
  };
}

function workloadMetadata(facts: ServerFacts) {
  const annotations = reloaderAnnotations(podTlsOf(facts.tls));
  return { ...metadata(facts), ...(Object.keys(annotations).length > 0 && { annotations }) };
}

function headlessName(name: string): string {
  return `${name}-headless`;
}

function podTemplate(facts: ServerFacts): PodTemplate {
  const tls = podTlsOf(facts.tls);
  return {
    metadata: {
      labels: serverLabels(facts.name),
      annotations: {
        ...(facts.settings.metrics && {
          "prometheus.io/scrape": "true",
          "prometheus.io/path": "/metrics",
          "prometheus.io/port": String(facts.settings.port),
          ...(facts.tls && { "prometheus.io/scheme": "https" }),
        }),
        // New declarations are made when a pod starts.
        ...(facts.streams && { "noetl.io/streams-checksum": streamsChecksum(facts.streams) }),
        ...tls.podAnnotations,
      },
    },
    spec: {
      ...restrictedPod({ uid: NOBODY }),
      serviceAccountName: facts.name,
      // Only the Kubernetes keychain provider calls the API.
      automountServiceAccountToken: facts.settings.keychain.kubernetes !== undefined,
      ...(facts.replicas > 1 && { topologySpreadConstraints: spreadOver(facts.name, "zone", "node") }),
      // A server that finds no NATS at its start runs without messaging for ever, and its health does not tell.
      initContainers: [
        ...tls.initContainers,
        ...peerProxy(facts, tls),
        waitForSchema(facts),
        facts.streams ? makeStreams(facts) : waitForNats(facts),
      ],
      containers: [serverContainer(facts)],
      volumes: [
        { name: "tmp", emptyDir: {} },
        ...(facts.streams ? [{ name: "streams", configMap: { name: streamsName(facts.name) } }] : []),
        ...tls.volumes,
        ...keychainFiles(facts.settings.keychain).volumes,
      ],
    },
  };
}

/** Where the replica that owns a shard answers; none while one pod owns all, or all own all. */
function peerUrlTemplate(facts: ServerFacts): string | undefined {
  if (!isOwnerEach(facts)) return undefined;
  return facts.tls ? SHARD_PROXY_URL : podUrl(facts, "{shard}");
}

/** A server forwards with a client that neither presents a certificate nor trusts any root but the public ones. */
function peerProxy(facts: ServerFacts, paths: PodTls): Container[] {
  if (!facts.tls || !isOwnerEach(facts)) return [];
  return [serverProxy(facts.tls.proxyImage, toShards(shardUrls(facts)), paths)];
}

/** Base URL of the replica that owns each shard, by index; none while one pod owns all, or all own all. */
export function shardUrls(facts: ServerFacts): string[] {
  if (!isOwnerEach(facts)) return [];
  return Array.from({ length: facts.shards.count }, (_, shard) => podUrl(facts, String(shard)));
}

/** Base URL of the server inside the cluster, without a slash at the end. */
export function serverUrl({
  name,
  namespace,
  settings,
  tls,
}: Pick<ServerFacts, "name" | "namespace" | "settings" | "tls">): string {
  return `${tls ? "https" : "http"}://${name}.${namespace.name}.svc.cluster.local:${settings.port}`;
}

/**
 * The names a certificate of the server must be for: those of its Service that clients use, and of port-forwarding; where
 * replicas are called one by one, also theirs.
 */
export function certificateNames(facts: Pick<ServerFacts, "name" | "namespace" | "replicas" | "shards">): string[] {
  const { name, namespace } = facts;
  return [
    `${name}.${namespace.name}.svc`,
    `${name}.${namespace.name}.svc.cluster.local`,
    ...(isOwnerEach(facts) ? [`*.${headlessName(name)}.${namespace.name}.svc.cluster.local`] : []),
    "localhost",
  ];
}

/** Whether replicas call each other. */
export function isOwnerEach({ replicas, shards }: Pick<ServerFacts, "replicas" | "shards">): boolean {
  return replicas > 1 && shards.count > 1;
}

function podUrl({ name, namespace, settings, tls }: ServerFacts, index: string): string {
  return `${tls ? "https" : "http"}://${name}-${index}.${headlessName(name)}.${namespace.name}.svc.cluster.local:${settings.port}`;
}

function serverContainer(facts: ServerFacts): Container {
  const { liveness, readiness } = PROBES[facts.healthApi];
  const { paths, volumeMounts } = podTlsOf(facts.tls);
  return {
    name: "noetl-server",
    image: facts.image,
    ports: [{ name: "http", containerPort: facts.settings.port }],
    env: serverEnv({
      settings: facts.settings,
      identity: facts.replicas > 1 ? "podIndex" : { machineId: facts.machineId, shardIndex: facts.shards.index },
      shardCount: facts.shards.count,
      peerUrlTemplate: peerUrlTemplate(facts),
      flip: facts.flip,
      publicUrl: facts.publicUrl,
      tls: facts.tls && { paths, mutual: facts.tls.mutual },
      database: facts.database,
      nats: facts.nats,
      secrets: facts.secrets,
    }),
    resources: resourceRequirements(facts.resources),
    startupProbe: { ...probe(facts, liveness), periodSeconds: 5, failureThreshold: 30 },
    livenessProbe: { ...probe(facts, liveness), initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...probe(facts, readiness), initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 3 },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...volumeMounts,
      ...keychainFiles(facts.settings.keychain).volumeMounts,
    ],
  };
}

/**
 * The kubelet checks no certificate, so TLS alone changes only the scheme. It cannot present one either: of a server that
 * asks for one, all it can see is that the port accepts connections.
 */
function probe({ tls }: ServerFacts, path: string) {
  if (tls?.mutual) return { tcpSocket: { port: "http" } };
  return { httpGet: { path, port: "http", ...(tls && { scheme: "HTTPS" }) } };
}

/** Without its tables the server exits, or answers 500 to everything, as its version has it. */
function waitForSchema({ database, secrets, postgresImage }: ServerFacts): Container {
  return {
    name: "wait-for-schema",
    image: postgresImage,
    command: ["sh", "-c", sqlFile("wait-for-schema.sh")],
    env: [
      literal("PGHOST", database.host),
      literal("PGPORT", database.port),
      literal("PGUSER", database.user),
      fromSecret("PGPASSWORD", secrets.postgresPassword),
      literal("NOETL_DATABASE", database.database),
      literal("NOETL_SCHEMA", database.schema),
      literal("NOETL_SCHEMA_VERSION", schemaVersion(sqlFile("schema.sql"))),
      ...(secrets.shards ? [fromSecret("NOETL_SHARDS", secrets.shards)] : []),
    ],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
  };
}

/** Waits in the same way, and makes what is declared: an execution that begins before its stream is there never ends. */
function makeStreams(facts: ServerFacts): Container {
  const script = readFileSync(join(__dirname, "make-streams.sh"), "utf8");
  const { env, volumeMounts, ...container } = waitForNats(facts);
  return {
    ...container,
    name: "make-streams",
    command: ["sh", "-c", script],
    env: [...env, literal("STREAMS_DIR", STREAMS_DIR)],
    volumeMounts: [...volumeMounts, { name: "streams", mountPath: STREAMS_DIR, readOnly: true }],
  };
}

/** The requests that make the streams, one a key. */
export function streamsConfigMap(facts: ServerFacts, streams: JetStreamFacts): k8s.core.v1.ConfigMapArgs {
  return { metadata: { ...metadata(facts), name: streamsName(facts.name) }, data: creationRequests(streams) };
}

function streamsName(server: string): string {
  return `${server}-streams`;
}

function streamsChecksum(streams: JetStreamFacts): string {
  return createHash("sha256")
    .update(JSON.stringify(creationRequests(streams)))
    .digest("hex")
    .slice(0, 16);
}

/** Path that answers 200 when the server can serve. */
export function readyPath(healthApi: HealthApi): string {
  return PROBES[healthApi].readiness;
}
