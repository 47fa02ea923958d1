import { JOBS, type Monitored } from "../../../components/monitoring/monitored";

/** A platform with every part that can be watched. */
export const EVERYTHING: Monitored = {
  server: { namespace: "noetl", replicas: 3 },
  pools: [
    {
      stream: "NOETL_COMMANDS",
      consumer: "noetl_worker_pool_system",
      steady: true,
      scaling: { maxReplicas: 10, lagThreshold: 10 },
    },
    {
      stream: "NOETL_COMMANDS",
      consumer: "noetl_worker_pool_shared",
      steady: true,
      scaling: { maxReplicas: 20, lagThreshold: 5 },
    },
    { stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_subscription", steady: false },
  ],
  nats: { namespace: "nats", job: JOBS.nats, replicas: 3, routesPerPeer: 4, commandStreams: ["NOETL_COMMANDS"] },
  keda: { namespace: "keda", job: JOBS.keda },
  pgbouncer: { namespace: "postgres", job: JOBS.pgbouncer },
  certManager: { namespace: "cert-manager", job: JOBS.certManager, certificatesOf: ["noetl", "nats"] },
  kubeState: { namespaces: ["noetl", "nats", "postgres"] },
  subscriptions: true,
  thresholds: {
    backlogWarning: 200,
    backlogCritical: 2000,
    consumerLag: 100,
    jetstreamPercent: 80,
    connectionPercent: 80,
    certificateDays: 7,
  },
};

/** A single server, NATS without its exporter, and nothing else that is scraped. */
export const LEAST: Monitored = {
  server: { namespace: "noetl", replicas: 1 },
  pools: [],
  subscriptions: false,
  thresholds: EVERYTHING.thresholds,
};
