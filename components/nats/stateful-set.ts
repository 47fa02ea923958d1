import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fromField, literal } from "../kubernetes/env";
import { selector } from "../kubernetes/labels";
import { HELPER_RESOURCES, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { quantityValue, type Quantity } from "../kubernetes/quantity";
import { resourceRequirements } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import { authName, configName, headlessName, isClustered, METRICS_PORT, MONITORING_PORT, serverPorts } from "./facts";
import type { NatsFacts } from "./facts";
import * as layout from "./layout";
import { metadata, natsLabels } from "./metadata";
import { minReadySeconds, probes } from "./probes";
import { LAME_DUCK, RELOADER, RESTART_CHECKSUM } from "./scripts";

type Container = k8s.types.input.core.v1.Container;
type Volume = k8s.types.input.core.v1.Volume;

/** Any user but root will do: the image's files are world-readable, and the volume belongs to this group. */
const NATS_UID = 1000;
const STORAGE = "nats-storage";
const TLS_FILES = ["tls.crt", "tls.key", "ca.crt"].map((key) => ({ key, path: `tls/${key}` }));

/** Beside the lame-duck duration: what closing the file store may take. */
const SHUTDOWN_SECONDS = 30;

/**
 * The servers. `checksum` is the ConfigMap's {@link layout.RESTART_FILE}: it stands in the pod template, so that an edit
 * of nats.conf that no reload makes effective replaces the pods, and no other does.
 */
export function statefulSet(facts: NatsFacts, checksum: pulumi.Input<string>): k8s.apps.v1.StatefulSetArgs {
  const wait = minReadySeconds(facts);
  return {
    metadata: metadata(facts, facts.name),
    spec: {
      serviceName: headlessName(facts),
      replicas: facts.replicas,
      // A cluster has no leader before a majority runs, so no server may wait for the one before it.
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      ...(wait !== undefined && { minReadySeconds: wait }),
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: {
          labels: natsLabels(facts),
          annotations: { "noetl.io/config-checksum": checksum, ...(facts.exporterImage !== undefined && SCRAPE) },
        },
        spec: {
          ...restrictedPod({ uid: NATS_UID, fsGroup: NATS_UID }),
          serviceAccountName: facts.name,
          terminationGracePeriodSeconds: layout.LAME_DUCK_SECONDS + SHUTDOWN_SECONDS,
          // The reloader signals nats-server.
          shareProcessNamespace: true,
          ...placement(facts),
          containers: [
            server(facts),
            reloader(facts, checksum),
            ...(facts.exporterImage === undefined ? [] : [exporter(facts, facts.exporterImage)]),
          ],
          volumes: [configVolume(facts), { name: "pid", emptyDir: {} }],
        },
      },
      volumeClaimTemplates: [storageClaim(facts)],
    },
  };
}

const SCRAPE = {
  "prometheus.io/scrape": "true",
  "prometheus.io/path": "/metrics",
  "prometheus.io/port": String(METRICS_PORT),
};

const CONFIG_MOUNT = { name: "config", mountPath: layout.CONFIG_DIR, readOnly: true };
const PID_MOUNT = { name: "pid", mountPath: layout.PID_DIR };

function server(facts: NatsFacts): Container {
  return {
    name: "nats",
    image: facts.image,
    args: ["--config", `${layout.CONFIG_DIR}/${layout.CONFIG_FILE}`],
    env: [
      fromField(layout.POD_NAME, "metadata.name"),
      ...(listensAtAddress(facts) ? [fromField(layout.POD_IP, "status.podIP")] : []),
      literal("GOMEMLIMIT", goMemoryLimit(facts.resources.limits.memory)),
    ],
    ports: serverPorts(facts).map(({ name, port }) => ({ name, containerPort: port })),
    resources: resourceRequirements(facts.resources),
    securityContext: RESTRICTED_CONTAINER,
    ...probes(facts),
    lifecycle: { preStop: { exec: { command: ["sh", "-c", LAME_DUCK] } } },
    volumeMounts: [CONFIG_MOUNT, PID_MOUNT, { name: STORAGE, mountPath: layout.DATA_DIR }],
  };
}

/** Of the server's own image, whose `nats-server` sends the signal; so it needs no image of its own. */
function reloader({ image }: NatsFacts, checksum: pulumi.Input<string>): Container {
  return {
    name: "reloader",
    image,
    command: ["sh", "-c", RELOADER],
    env: [{ name: RESTART_CHECKSUM, value: checksum }],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [CONFIG_MOUNT, { ...PID_MOUNT, readOnly: true }],
  };
}

/** The server's numbers for Prometheus; it reads the monitoring port. */
function exporter({ gateway, leafnodes }: NatsFacts, image: pulumi.Input<string>): Container {
  return {
    name: "exporter",
    image,
    args: [
      `-port=${METRICS_PORT}`,
      "-prefix=nats",
      "-use_internal_server_id",
      "-varz",
      "-connz",
      "-subz",
      "-routez",
      ...(gateway ? ["-gatewayz"] : []),
      ...(leafnodes ? ["-leafz"] : []),
      "-jsz=all",
      `http://localhost:${MONITORING_PORT}/`,
    ],
    ports: [{ name: "metrics", containerPort: METRICS_PORT }],
    resources: HELPER_RESOURCES,
    // No readiness probe: without its metrics a server serves as well as with them.
    livenessProbe: { tcpSocket: { port: "metrics" }, initialDelaySeconds: 5, periodSeconds: 30 },
    securityContext: RESTRICTED_CONTAINER,
  };
}

/** Servers apart from each other: by node, and as far as possible by zone. Nothing for a single one. */
function placement({ name, replicas, spread }: NatsFacts): Partial<k8s.types.input.core.v1.PodSpec> {
  if (replicas === 1) return {};
  const term = { labelSelector: { matchLabels: selector(name) }, topologyKey: "kubernetes.io/hostname" };
  return {
    affinity: {
      podAntiAffinity:
        spread === "required"
          ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
    },
    topologySpreadConstraints: spreadOver(name, "zone"),
  };
}

/** nats.conf, passwords and certificates in one volume, so that all change in one step. */
function configVolume(facts: NatsFacts): Volume {
  const keys = [layout.CONFIG_FILE, layout.RESTART_FILE].map((key) => ({ key, path: key }));
  return {
    name: "config",
    projected: {
      defaultMode: 0o440,
      sources: [
        { configMap: { name: configName(facts), items: keys } },
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

/** Whether nats.conf says an address to listen at. */
function listensAtAddress(facts: NatsFacts): boolean {
  return isClustered(facts) || facts.leafnodes?.listen === true;
}

/** 80 % of the memory limit, in Go's notation: the collector works harder before the kernel kills. */
function goMemoryLimit(limit: Quantity): string {
  return `${Math.floor((quantityValue(limit) * 0.8) / 2 ** 20)}MiB`;
}
