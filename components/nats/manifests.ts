import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fromField, literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { quantityValue, type Quantity } from "../kubernetes/quantity";
import { accountsConf } from "./accounts";
import { natsConf } from "./conf";
import { size, Variable } from "./conf-text";

/** Port of clients. */
export const CLIENT_PORT = 4222;
/** Port of the monitoring endpoint, plain HTTP. */
export const MONITORING_PORT = 8222;
/** Port of the other servers of a cluster. */
export const CLUSTER_PORT = 6222;

/** Any user but root will do: the image's files are world-readable, and the volume belongs to this group. */
const NATS_UID = 1000;
const CONFIG_DIR = "/etc/nats";
const DATA_DIR = "/data";
const PID_DIR = "/var/run/nats";
const PID_FILE = `${PID_DIR}/nats.pid`;
const CONFIG_FILE = "nats.conf";
const PASSWORDS_FILE = "passwords.conf";
/** Where nats.conf finds the Secret, relative to itself. */
const PASSWORDS_PATH = `auth/${PASSWORDS_FILE}`;
const STORAGE = "nats-storage";

/** nats-server refuses a shorter lame-duck duration. */
const LAME_DUCK_SECONDS = 30;
/** Beside the lame-duck duration: what closing the file store may take. */
const SHUTDOWN_SECONDS = 30;

/** What a NATS cluster is like. Sizes are Kubernetes quantities. */
export interface NatsFacts {
  /** Name of the StatefulSet and the client Service, and the prefix of all others. */
  name: string;
  namespace: Namespace;
  /** nats-server image, an alpine variant: the lame-duck hook runs the `nats-server` of the image's PATH. */
  image: pulumi.Input<string>;
  storage: NatsStorage;
  jetstream: JetStreamLimits;
  /** Largest message a client may publish (`max_payload`); nats-server warns above 8Mi and refuses more than 64Mi. */
  maxPayload: Quantity;
  resources: ContainerResources;
  /** Ports on every node for clients outside the Kubernetes cluster. Default: none, a ClusterIP Service. */
  nodePorts?: NatsNodePorts | undefined;
}

/** The volume behind JetStream's file store. */
export interface NatsStorage {
  /** Size of each server's volume; a quarter above the file store, since raft logs and indexes need room too. */
  size: Quantity;
  /** Storage class; it cannot change later. Default: the Kubernetes cluster's default class. */
  storageClass?: pulumi.Input<string> | undefined;
}

/** Limits of JetStream's stores, for each server. */
export interface JetStreamLimits {
  /** Largest memory store (`max_memory_store`); part of the container's memory limit. */
  memory: Quantity;
  /** Largest file store (`max_file_store`). */
  file: Quantity;
}

/** Ports on every node. */
export interface NatsNodePorts {
  /** For clients; kind publishes 30422. */
  client: number;
  /** For the monitoring endpoint; kind publishes 30822. */
  monitoring: number;
}

/** CPU (cores) and memory (bytes) of a container, as quantities. */
export interface ContainerResources {
  requests: { cpu: Quantity; memory: Quantity };
  limits: { cpu: Quantity; memory: Quantity };
}

/** Name of the headless Service, which gives every server a host name of its own. */
export function headlessName(name: string): string {
  return `${name}-headless`;
}

/** Host name of a Service, from every namespace. */
export function serviceHost(service: string, namespace: Namespace): string {
  return `${service}.${namespace.name}.svc.cluster.local`;
}

export function serviceAccount(facts: NatsFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts, facts.name), automountServiceAccountToken: false };
}

/** The passwords, as the file that nats.conf includes. */
export function authSecret(facts: NatsFacts, passwords: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return { metadata: metadata(facts, authName(facts)), stringData: { [PASSWORDS_FILE]: passwords } };
}

export function configMap(facts: NatsFacts): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(facts, configName(facts)), data: { [CONFIG_FILE]: serverConf(facts) } };
}

/** nats.conf of every server of the cluster. */
export function serverConf({ maxPayload, jetstream }: NatsFacts): string {
  return natsConf({
    include: PASSWORDS_PATH,
    server_name: new Variable("POD_NAME"),
    port: CLIENT_PORT,
    http_port: MONITORING_PORT,
    pid_file: PID_FILE,
    max_payload: size(maxPayload),
    lame_duck_grace_period: "10s",
    lame_duck_duration: `${LAME_DUCK_SECONDS}s`,
    debug: false,
    trace: false,
    logtime: true,
    jetstream: {
      store_dir: `${DATA_DIR}/jetstream`,
      max_memory_store: size(jetstream.memory),
      max_file_store: size(jetstream.file),
    },
    system_account: "$SYS",
    accounts: accountsConf(),
  });
}

/** Where clients connect. */
export function clientService(facts: NatsFacts): k8s.core.v1.ServiceArgs {
  const { name, nodePorts } = facts;
  return {
    metadata: metadata(facts, name),
    spec: {
      type: nodePorts ? "NodePort" : "ClusterIP",
      selector: selector(name),
      ports: [
        { ...servicePort("client", CLIENT_PORT), ...(nodePorts && { nodePort: nodePorts.client }) },
        { ...servicePort("monitoring", MONITORING_PORT), ...(nodePorts && { nodePort: nodePorts.monitoring }) },
      ],
    },
  };
}

/** Where servers find each other, and monitoring finds every server. */
export function headlessService(facts: NatsFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, headlessName(facts.name)),
    spec: {
      clusterIP: "None",
      // A server must be found before it is ready: readiness needs the others.
      publishNotReadyAddresses: true,
      selector: selector(facts.name),
      ports: [
        servicePort("client", CLIENT_PORT),
        servicePort("monitoring", MONITORING_PORT),
        servicePort("cluster", CLUSTER_PORT),
      ],
    },
  };
}

/** The servers. `checksum` stands in the pod template, so that an edit of nats.conf replaces the pods. */
export function statefulSet(facts: NatsFacts, checksum: pulumi.Input<string>): k8s.apps.v1.StatefulSetArgs {
  return {
    metadata: metadata(facts, facts.name),
    spec: {
      serviceName: headlessName(facts.name),
      replicas: 1,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: { labels: natsLabels(facts), annotations: { "noetl.io/config-checksum": checksum } },
        spec: {
          ...restrictedPod({ uid: NATS_UID, fsGroup: NATS_UID }),
          serviceAccountName: facts.name,
          terminationGracePeriodSeconds: LAME_DUCK_SECONDS + SHUTDOWN_SECONDS,
          containers: [serverContainer(facts)],
          volumes: [configVolume(facts), { name: "pid", emptyDir: {} }],
        },
      },
      volumeClaimTemplates: [storageClaim(facts)],
    },
  };
}

/** First 16 hexadecimal digits of the SHA-256 of nats.conf, in a ConfigMap's data. */
export function configChecksum(data: Record<string, string> | undefined): string {
  return createHash("sha256")
    .update(data?.[CONFIG_FILE] ?? "")
    .digest("hex")
    .slice(0, 16);
}

function serverContainer(facts: NatsFacts): k8s.types.input.core.v1.Container {
  return {
    name: "nats",
    image: facts.image,
    args: ["--config", `${CONFIG_DIR}/${CONFIG_FILE}`],
    env: [fromField("POD_NAME", "metadata.name"), literal("GOMEMLIMIT", goMemoryLimit(facts.resources.limits.memory))],
    ports: [
      { name: "client", containerPort: CLIENT_PORT },
      { name: "monitoring", containerPort: MONITORING_PORT },
      { name: "cluster", containerPort: CLUSTER_PORT },
    ],
    resources: { requests: amounts(facts.resources.requests), limits: amounts(facts.resources.limits) },
    securityContext: RESTRICTED_CONTAINER,
    ...probes(),
    lifecycle: { preStop: { exec: { command: ["nats-server", `--signal=ldm=${PID_FILE}`] } } },
    volumeMounts: [
      { name: "config", mountPath: CONFIG_DIR, readOnly: true },
      { name: "pid", mountPath: PID_DIR },
      { name: STORAGE, mountPath: DATA_DIR },
    ],
  };
}

/**
 * When a server has started, gets traffic, and is restarted. A single server answers none of them before it has
 * recovered its streams, so the start may take long. After that, no probe asks for the state of streams: one stream
 * that cannot be recovered must not stop all others, and a restart would not repair it. See docs/components/nats-cluster.md.
 */
function probes() {
  const accepting = { path: "/healthz?js-server-only=true", port: "monitoring" };
  const jetstream = { path: "/healthz?js-enabled-only=true", port: "monitoring" };
  return {
    startupProbe: { httpGet: accepting, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 450 },
    readinessProbe: { httpGet: jetstream, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { httpGet: accepting, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
  } satisfies Partial<k8s.types.input.core.v1.Container>;
}

/** nats.conf and the passwords in one volume, so that both change in one step. */
function configVolume(facts: NatsFacts): k8s.types.input.core.v1.Volume {
  return {
    name: "config",
    projected: {
      defaultMode: 0o440,
      sources: [
        { configMap: { name: configName(facts), items: [{ key: CONFIG_FILE, path: CONFIG_FILE }] } },
        { secret: { name: authName(facts), items: [{ key: PASSWORDS_FILE, path: PASSWORDS_PATH }] } },
      ],
    },
  };
}

function storageClaim({ storage }: NatsFacts): k8s.types.input.core.v1.PersistentVolumeClaim {
  return {
    metadata: { name: STORAGE },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storage.storageClass !== undefined && { storageClassName: storage.storageClass }),
      resources: { requests: { storage: String(storage.size) } },
    },
  };
}

/** 80 % of the memory limit, in Go's notation: the collector works harder before the kernel kills. */
function goMemoryLimit(limit: Quantity): string {
  return `${Math.floor((quantityValue(limit) * 0.8) / 2 ** 20)}MiB`;
}

function amounts({ cpu, memory }: ContainerResources["requests"]) {
  return { cpu: String(cpu), memory: String(memory) };
}

function servicePort(name: string, port: number) {
  return { name, port, targetPort: name };
}

function authName({ name }: NatsFacts): string {
  return `${name}-auth`;
}

function configName({ name }: NatsFacts): string {
  return `${name}-config`;
}

function metadata(facts: NatsFacts, name: string) {
  return { name, namespace: facts.namespace.created, labels: natsLabels(facts) };
}

function natsLabels({ name }: NatsFacts): Record<string, string> {
  return labels({ app: name, component: "messaging" });
}
