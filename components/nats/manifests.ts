import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fromField, literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import { RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { quantityValue, type Quantity } from "../kubernetes/quantity";
import { resourceRequirements } from "../kubernetes/resources";
import {
  CLIENT_PORT,
  CLUSTER_PORT,
  GATEWAY_PORT,
  headlessName,
  isClustered,
  LEAFNODE_PORT,
  MONITORING_PORT,
  type NatsFacts,
} from "./facts";
import * as layout from "./layout";
import { serverConf } from "./server-conf";

/** Any user but root will do: the image's files are world-readable, and the volume belongs to this group. */
const NATS_UID = 1000;
const STORAGE = "nats-storage";
const TLS_FILES = ["tls.crt", "tls.key", "ca.crt"].map((key) => ({ key, path: `tls/${key}` }));

/** Beside the lame-duck duration: what closing the file store may take. */
const SHUTDOWN_SECONDS = 30;

/**
 * Tells the server to enter lame-duck mode, and ends once it has: SIGTERM, which the kubelet sends next, would otherwise
 * end the server at once. Gives up after 5 s.
 */
const LAME_DUCK = [
  `nats-server --signal=ldm=${layout.PID_FILE} || exit`,
  `url="http://$${layout.POD_NAME}:${MONITORING_PORT}/healthz?js-server-only=true"`,
  'i=0; while [ $((i += 1)) -le 50 ] && wget -q -T 1 -O /dev/null "$url"; do sleep 0.1; done',
].join("\n");

export function serviceAccount(facts: NatsFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts, facts.name), automountServiceAccountToken: false };
}

/** The passwords, as the file that nats.conf includes. */
export function authSecret(facts: NatsFacts, passwords: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return { metadata: metadata(facts, authName(facts)), stringData: { [layout.PASSWORDS_FILE]: passwords } };
}

export function configMap(facts: NatsFacts): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(facts, configName(facts)), data: { [layout.CONFIG_FILE]: serverConf(facts) } };
}

/** Whether clients have a Service of their own, beside the headless one. */
export function hasClientService(facts: NatsFacts): boolean {
  return headlessName(facts) !== facts.name;
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
    metadata: metadata(facts, headlessName(facts)),
    spec: {
      clusterIP: "None",
      // A server must be found before it is ready: a cluster forms before its servers are.
      publishNotReadyAddresses: true,
      selector: selector(facts.name),
      ports: ports(facts).map(({ name, port }) => servicePort(name, port)),
    },
  };
}

/** The servers. `checksum` stands in the pod template, so that an edit of nats.conf replaces the pods. */
export function statefulSet(facts: NatsFacts, checksum: pulumi.Input<string>): k8s.apps.v1.StatefulSetArgs {
  return {
    metadata: metadata(facts, facts.name),
    spec: {
      serviceName: headlessName(facts),
      replicas: facts.replicas,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: { labels: natsLabels(facts), annotations: { "noetl.io/config-checksum": checksum } },
        spec: {
          ...restrictedPod({ uid: NATS_UID, fsGroup: NATS_UID }),
          serviceAccountName: facts.name,
          terminationGracePeriodSeconds: layout.LAME_DUCK_SECONDS + SHUTDOWN_SECONDS,
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
    .update(data?.[layout.CONFIG_FILE] ?? "")
    .digest("hex")
    .slice(0, 16);
}

function serverContainer(facts: NatsFacts): k8s.types.input.core.v1.Container {
  return {
    name: "nats",
    image: facts.image,
    args: ["--config", `${layout.CONFIG_DIR}/${layout.CONFIG_FILE}`],
    env: [
      fromField(layout.POD_NAME, "metadata.name"),
      ...(hasLinks(facts) ? [fromField(layout.POD_IP, "status.podIP")] : []),
      literal("GOMEMLIMIT", goMemoryLimit(facts.resources.limits.memory)),
    ],
    ports: ports(facts).map(({ name, port }) => ({ name, containerPort: port })),
    resources: resourceRequirements(facts.resources),
    securityContext: RESTRICTED_CONTAINER,
    ...(facts.probes ?? probes()),
    lifecycle: { preStop: { exec: { command: ["sh", "-c", LAME_DUCK] } } },
    volumeMounts: [
      { name: "config", mountPath: layout.CONFIG_DIR, readOnly: true },
      { name: "pid", mountPath: layout.PID_DIR },
      { name: STORAGE, mountPath: layout.DATA_DIR },
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
        { configMap: { name: configName(facts), items: [{ key: layout.CONFIG_FILE, path: layout.CONFIG_FILE }] } },
        { secret: { name: authName(facts), items: [{ key: layout.PASSWORDS_FILE, path: layout.PASSWORDS_PATH }] } },
        ...(facts.tls ? [{ secret: { name: facts.tls.secretName, items: TLS_FILES } }] : []),
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

function ports({ gateway, leafnodes }: NatsFacts): { name: string; port: number }[] {
  return [
    { name: "client", port: CLIENT_PORT },
    { name: "monitoring", port: MONITORING_PORT },
    { name: "cluster", port: CLUSTER_PORT },
    ...(gateway ? [{ name: "gateway", port: gateway.port ?? GATEWAY_PORT }] : []),
    ...(leafnodes?.listen === true ? [{ name: "leafnodes", port: leafnodes.port ?? LEAFNODE_PORT }] : []),
  ];
}

/** Whether nats.conf says an address to listen at. */
function hasLinks(facts: NatsFacts): boolean {
  return isClustered(facts) || facts.leafnodes?.listen === true;
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

function natsLabels({ name, labels: extra }: NatsFacts): Record<string, string> {
  return labels({ app: name, component: "messaging", ...(extra && { extra }) });
}
