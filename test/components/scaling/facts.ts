import type { KedaScaling, ScaledConsumer, ScaledWorkload } from "../../../components/scaling/facts";

/** What the tests of this folder build on: a worker pool that one consumer scales. */

export const workload: ScaledWorkload = {
  name: "noetl-worker-rust",
  namespace: { name: "noetl", created: "noetl" },
  app: "noetl-worker-rust",
  component: "worker",
  extra: { "worker-pool": "worker-rust-pool" },
};

export const nats = { account: "NOETL", monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222" };

export const consumer: ScaledConsumer = {
  stream: "NOETL_COMMANDS",
  consumer: { name: "noetl_worker_pool_shared", maxAckPending: 1000 },
  lagThreshold: 10,
  activationLagThreshold: 1,
};

export const scaling: KedaScaling = {
  minReplicas: 1,
  maxReplicas: 20,
  consumers: [consumer],
  pollingInterval: 10,
  cooldownPeriod: 30,
  initialCooldownPeriod: 0,
  idleToZero: false,
  paused: false,
};
