import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import type { ResourceAmounts } from "../kubernetes/resources";
import type { NatsConnection } from "../nats/connection";
import type { ClientTls } from "./client-tls";
import type { FlightSide } from "../tls/flight-tls";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import type { ServerConnection } from "./server";
import type { KeychainVariable } from "./worker-env";

/** What runs the commands of a pool, and which of them it takes. */
export type WorkerRuntime =
  /** The Rust worker: one consumer, `consumer`, and the part of the stream that it takes. */
  | { kind: "rust"; filterSubject: string }
  /** The Python worker: a consumer `CONSUMER_SEGMENT` for each segment, which takes `SUBJECT.SEGMENT.>`. */
  | { kind: "python"; segments: readonly string[] };

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
  runtime: WorkerRuntime;
  /** JetStream stream, durable consumer (of a Python pool: what the names of its consumers begin with), and subject of the stream. */
  stream: string;
  consumer: string;
  subject: string;
  /** Commands a pod works on at once. */
  maxConcurrent: number;
  /** Longest time a command may take. Python workers end it then; Rust workers leave that to the tools. */
  commandTimeout: number;
  /** Time a stopping pod has to finish its commands; more than `commandTimeout`. */
  terminationGracePeriod: number;
  heartbeatInterval: number;
  natsLagPollInterval: number;
  /** Shared memory for Arrow results between steps. */
  ipcCacheBudget: string;
  /** Size of /dev/shm; above `ipcCacheBudget`, or the kernel kills a worker with SIGBUS. */
  sharedMemory: string;
  /** Whether playbooks may run Kubernetes Jobs (tools `container` and `script`): the pods then have rights and a token. */
  runsJobs: boolean;
  /** Credentials that playbooks of this pool may use by the names of their variables. Default: none. */
  keychain?: readonly KeychainVariable[] | undefined;
  /** Certificate for Flight, and what must be there before. Default: none. */
  flight?: Omit<FlightSide, "tokens"> | undefined;
  rustLog?: string | undefined;
  resources: ResourceAmounts;
  server: ServerConnection;
  /** Certificate for the server, and what NATS is known by. Default: plain HTTP. */
  tls?: ClientTls | undefined;
  nats: Pick<NatsConnection, "url" | "user" | "tls">;
  secrets: RuntimeSecretKeys;
  /** Image with `curl`, for the init container that waits for the server. */
  curlImage: string;
}

/** Port of /metrics, and of /healthz (Rust) or /health (Python). */
export function metricsPort(runtime: WorkerRuntime["kind"]): number {
  return runtime === "rust" ? 9090 : 9091;
}

/** Name of the Service that names the metrics port of each pod. */
export function metricsServiceName(name: string): string {
  return `${name}-metrics`;
}

/** The durable consumers that a pool pulls from. */
export function consumersOf({ runtime, consumer }: Pick<WorkerFacts, "runtime" | "consumer">): string[] {
  return runtime.kind === "rust" ? [consumer] : runtime.segments.map((segment) => `${consumer}_${segment}`);
}

/** Role of a pool's pods within the platform. */
export type WorkerComponent = "worker" | "system-worker";

/** Labels of a pool's objects and pods. */
export function workerLabels({ name, poolName, runtime }: WorkerFacts, component: WorkerComponent) {
  const extra = { runtime: runtime.kind === "rust" ? "rust" : "cpu", "worker-pool": poolName };
  return labels({ app: name, component, extra });
}
