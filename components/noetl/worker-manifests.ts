import type * as k8s from "@pulumi/kubernetes";
import { fromField, fromSecret, literal, type EnvVar } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { HELPER_RESOURCES, NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { quantityValue } from "../kubernetes/quantity";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import type { NatsConnection } from "../nats/connection";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import type { ServerConnection } from "./server";

/** Port of /metrics and /healthz. */
const METRICS_PORT = 9090;

/** What a pool's pods are made from. Durations are seconds, sizes Kubernetes quantities. */
export interface WorkerFacts {
  /** Name of Deployment and ServiceAccount, and the pods' `app` label. */
  name: string;
  namespace: Namespace;
  image: string;
  /** Pods; `autoscaled` leaves their number to an autoscaler, so that no update resets what it has decided. */
  replicas: number | "autoscaled";
  /** Name the pool registers under, and the `worker-pool` label. */
  poolName: string;
  /** JetStream stream, durable consumer, subject of the stream, and the part of it that this pool takes. */
  stream: string;
  consumer: string;
  subject: string;
  filterSubject: string;
  /** Commands a pod works on at once. */
  maxConcurrent: number;
  heartbeatInterval: number;
  natsLagPollInterval: number;
  /** Shared memory for Arrow results between steps. */
  ipcCacheBudget: string;
  /** Size of /dev/shm; above `ipcCacheBudget`, or the kernel kills a worker with SIGBUS. */
  sharedMemory: string;
  /** Time a stopping worker has to finish the commands it holds. */
  terminationGracePeriod: number;
  rustLog?: string | undefined;
  resources: ResourceAmounts;
  server: ServerConnection;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
  /** Image with `curl`, for the init container that waits for the server. */
  curlImage: string;
}

export function metricsServiceName(name: string): string {
  return `${name}-metrics`;
}

function metadata(facts: WorkerFacts, name = facts.name) {
  return { name, namespace: facts.namespace.created, labels: workerLabels(facts) };
}

function workerLabels({ name, poolName }: WorkerFacts) {
  return labels({ app: name, component: "worker", extra: { runtime: "rust", "worker-pool": poolName } });
}

export function serviceAccount(facts: WorkerFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts), automountServiceAccountToken: false };
}

/** What the `container` tool of playbooks needs to run a Job and to read its outcome. */
export function role(facts: WorkerFacts): k8s.rbac.v1.RoleArgs {
  return {
    metadata: metadata(facts),
    rules: [
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
      { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "delete"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["create", "get", "delete"] },
    ],
  };
}

export function roleBinding(facts: WorkerFacts): k8s.rbac.v1.RoleBindingArgs {
  return {
    metadata: metadata(facts),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: facts.name },
    subjects: [{ kind: "ServiceAccount", name: facts.name, namespace: facts.namespace.name }],
  };
}

export function metricsService(facts: WorkerFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, metricsServiceName(facts.name)),
    spec: {
      clusterIP: "None",
      selector: selector(facts.name),
      ports: [{ name: "metrics", port: METRICS_PORT, targetPort: "metrics" }],
    },
  };
}

/** Lets a node drain take one worker at a time, so that the pool goes on working. */
export function disruptionBudget(facts: WorkerFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return {
    metadata: metadata(facts),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(facts.name) } },
  };
}

export function deployment(facts: WorkerFacts): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: metadata(facts),
    spec: {
      ...(facts.replicas !== "autoscaled" && { replicas: facts.replicas }),
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: {
          labels: workerLabels(facts),
          annotations: {
            "prometheus.io/scrape": "true",
            "prometheus.io/path": "/metrics",
            "prometheus.io/port": String(METRICS_PORT),
          },
        },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: facts.name,
          // The `container` tool makes Jobs.
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: facts.terminationGracePeriod,
          initContainers: [waitForServer(facts)],
          containers: [workerContainer(facts)],
          volumes: [
            { name: "shm", emptyDir: { medium: "Memory", sizeLimit: facts.sharedMemory } },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** A worker that finds no server exits at once; waiting here keeps its pod out of CrashLoopBackOff. */
function waitForServer({ server, curlImage }: WorkerFacts): k8s.types.input.core.v1.Container {
  const url = `${server.url}${server.readyPath}`;
  return {
    name: "wait-for-server",
    image: curlImage,
    command: [
      "sh",
      "-c",
      `until curl --fail --silent --show-error --max-time 5 --output /dev/null "$SERVER_READY"; do sleep 3; done`,
    ],
    env: [literal("SERVER_READY", url)],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
  };
}

function workerContainer(facts: WorkerFacts): k8s.types.input.core.v1.Container {
  return {
    name: "worker",
    image: facts.image,
    ports: [{ name: "metrics", containerPort: METRICS_PORT }],
    env: workerEnv(facts),
    resources: resourceRequirements(facts.resources),
    livenessProbe: { tcpSocket: { port: "metrics" }, initialDelaySeconds: 20, periodSeconds: 15, failureThreshold: 6 },
    readinessProbe: { tcpSocket: { port: "metrics" }, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 6 },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "shm", mountPath: "/dev/shm" },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

/** The environment of a worker; the worker drops a value it cannot parse without a word, so all are typed. */
export function workerEnv(facts: WorkerFacts): EnvVar[] {
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
    literal("NATS_FILTER_SUBJECT", facts.filterSubject),
    literal("WORKER_MAX_CONCURRENT", facts.maxConcurrent),
    literal("WORKER_HEARTBEAT_INTERVAL", facts.heartbeatInterval),
    literal("WORKER_METRICS_BIND", `0.0.0.0:${METRICS_PORT}`),
    literal("WORKER_NATS_LAG_POLL_INTERVAL", facts.natsLagPollInterval),
    literal("NOETL_IPC_CACHE_BUDGET_BYTES", quantityValue(facts.ipcCacheBudget)),
    ...(facts.rustLog === undefined ? [] : [literal("RUST_LOG", facts.rustLog)]),
  ];
}
