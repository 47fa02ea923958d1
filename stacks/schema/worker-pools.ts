import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, image, line, natsName, natsSubject, objectName, resources, whole } from "./fields";
import { scalingSchema } from "./scaling";

export const workerPoolSchema = z
  .strictObject({
    name: objectName().describe("Name of the Deployment, and the pods' `app` label."),
    poolName: objectName().describe(
      "Name the pool registers under at the server (WORKER_POOL_NAME), and the `worker-pool` label.",
    ),
    image: image().default(IMAGES.noetlWorker).describe("NoETL worker image."),
    replicas: whole(0, 500).optional().describe("Pods. Default: 1. Not with `scaling`, which decides instead."),
    scaling: scalingSchema,
    stream: natsName().default("NOETL_COMMANDS").describe("JetStream stream of the commands (NATS_STREAM)."),
    consumer: natsName().describe(
      "Durable consumer of this pool (NATS_CONSUMER); pools that share one compete for commands.",
    ),
    subject: natsSubject().default("noetl.commands").describe("Subject of the stream (NATS_SUBJECT)."),
    filterSubject: natsSubject().describe(
      "Commands of this pool (NATS_FILTER_SUBJECT), such as noetl.commands.shared.>.",
    ),
    maxConcurrent: whole(1, 1000).default(4).describe("Commands a pod works on at once (WORKER_MAX_CONCURRENT)."),
    heartbeatInterval: whole(1, 3600)
      .default(15)
      .describe("Seconds between heartbeats to the server (WORKER_HEARTBEAT_INTERVAL)."),
    natsLagPollInterval: whole(1, 3600)
      .default(5)
      .describe("Seconds between measurements of the consumer's lag (WORKER_NATS_LAG_POLL_INTERVAL)."),
    ipcCacheBudget: bytes()
      .default("256Mi")
      .describe("Shared memory for Arrow results between steps (NOETL_IPC_CACHE_BUDGET_BYTES)."),
    sharedMemory: bytes()
      .default("320Mi")
      .describe("Size of /dev/shm. It must exceed `ipcCacheBudget`, or workers die with SIGBUS."),
    terminationGracePeriod: whole(1, 86400)
      .default(60)
      .describe("Seconds a stopping worker has to finish the commands it holds."),
    rustLog: line(255).optional().describe("Log filter (RUST_LOG). Default: of the build."),
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "768Mi" },
    }),
  })
  .describe("One worker pool.");

export const workerPoolsSchema = z
  .array(workerPoolSchema)
  .max(1000)
  .default([])
  .describe("Worker pools: who runs the steps of playbooks, and which of them.");

/** Pods of a pool: a number, or left to its scaler. */
export function podsOf({ replicas = 1, scaling }: z.output<typeof workerPoolSchema>): number | "autoscaled" {
  return scaling === undefined ? replicas : "autoscaled";
}

/** The most pods that a pool may have. */
export function mostPodsOf({ replicas = 1, scaling }: z.output<typeof workerPoolSchema>): number {
  return scaling?.maxReplicas ?? replicas;
}
