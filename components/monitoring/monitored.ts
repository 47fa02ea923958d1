import type { Exporter } from "./metrics";

/** What rules watch, as data: which parts there are, and what they are called. */
export interface Monitored {
  server: MonitoredServer;
  /** Rust pools, the system pool among them; Python workers have other metrics. */
  pools: readonly MonitoredPool[];
  /** NATS, where its exporter runs. */
  nats?: MonitoredNats | undefined;
  /** Where KEDA's operator is scraped. */
  keda?: Placed | undefined;
  /** PgBouncer, where its exporter runs. */
  pgbouncer?: Placed | undefined;
  /** Where cert-manager is scraped, and whose certificates count. */
  certManager?: (Placed & { certificatesOf: readonly string[] }) | undefined;
  /** Namespaces whose containers count, where the cluster tells of them. */
  kubeState?: { namespaces: readonly string[] } | undefined;
  /** Whether there are subscriptions. */
  subscriptions: boolean;
  thresholds: Thresholds;
}

/** The server, which each group of namespace `noetl` is about. */
export interface MonitoredServer {
  namespace: string;
  replicas: number;
}

/** A part that is scraped: where, and under which `job`. */
export interface Placed {
  namespace: string;
  job: string;
}

export interface MonitoredPool {
  /** Stream and durable consumer. */
  stream: string;
  consumer: string;
  /** Whether it always has a pod. */
  steady: boolean;
  /** What its scaler may do; none without a scaler. */
  scaling?: { maxReplicas: number; lagThreshold: number } | undefined;
}

export interface MonitoredNats extends Placed {
  replicas: number;
  /** Connections of one server to another: pool size and one for the system account. */
  routesPerPeer: number;
  /** Streams that commands go to. */
  commandStreams: readonly string[];
}

/** From where on somebody is told. */
export interface Thresholds {
  /** Events that wait for the materializer: warning, and critical. */
  backlogWarning: number;
  backlogCritical: number;
  /** Messages of any other consumer that wait or are in work. */
  consumerLag: number;
  /** Percent of JetStream's stores. */
  jetstreamPercent: number;
  /** Percent of the connections that PgBouncer may make. */
  connectionPercent: number;
  /** Days before a certificate ends. */
  certificateDays: number;
}

/** `job` of what the platform itself scrapes: the name of its monitor in either kind of monitoring. */
export const JOBS = {
  server: "noetl-server",
  workers: "noetl-workers",
  gateway: "noetl-gateway",
  orchestrator: "noetl-orchestrator",
  nats: "nats",
  keda: "keda",
  pgbouncer: "pgbouncer",
  certManager: "cert-manager",
} as const;

/** Who is scraped. */
export function exportersIn({
  nats,
  keda,
  pgbouncer,
  certManager,
  kubeState,
  subscriptions,
}: Monitored): Set<Exporter> {
  return new Set<Exporter>([
    "server",
    "worker",
    "scrape",
    ...(nats ? (["nats"] as const) : []),
    ...(keda ? (["keda"] as const) : []),
    ...(pgbouncer ? (["pgbouncer"] as const) : []),
    ...(certManager ? (["certManager"] as const) : []),
    ...(kubeState ? (["kubeState"] as const) : []),
    ...(subscriptions ? (["subscription"] as const) : []),
  ]);
}
