import { z } from "zod";
import { cronSchedule, natsName, objectName, resources, whole } from "./fields";
import { poolFields } from "./pool-fields";

/** How a loop of the system pool reads the stream of events; the bounds of `batch` are the worker's. */
const reading = {
  batch: whole(1, 1000).default(200).describe("Events fetched at once."),
  fetchTimeout: whole(1, 600_000).default(2000).describe("Milliseconds a fetch waits for events."),
  idleSleep: whole(0, 600_000).default(500).describe("Milliseconds of pause after a fetch without events."),
};

const materializer = z
  .strictObject({
    ...reading,
    errorBackoff: whole(0, 600_000).default(2000).describe("Milliseconds of pause after a failure."),
  })
  .prefault({})
  .describe("The loop that writes events of stream noetl_events to the event log; `server.flip` turns it on.");

const stateBuilder = z
  .strictObject({
    shadow: z.boolean().default(false).describe("Build it here too, for comparison only (NOETL_STATE_BUILDER_SHADOW)."),
    durable: z
      .boolean()
      .default(false)
      .describe(
        "Keep the place in the stream over restarts (NOETL_STATE_BUILDER_DURABLE). The index is not kept, so executions may stall.",
      ),
    consumer: natsName()
      .default("noetl_state_builder")
      .describe("Durable consumer, when `durable` (NOETL_STATE_BUILDER_CONSUMER)."),
    ...reading,
  })
  .prefault({})
  .describe(
    "How the state of executions is built here from stream noetl_events; with `server.flip: on` that is where it is built.",
  );

const cleanup = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Whether there is a CronJob for it."),
    schedule: cronSchedule().default("0 * * * *").describe("When, as a cron expression in UTC."),
    commandRetentionDays: whole(0, 3650).default(7).describe("Days that finished commands are kept; 0 keeps them."),
    runtimeStaleMinutes: whole(0, 525_600)
      .default(60)
      .describe("Minutes without heartbeat until a worker's registration is removed; 0 keeps them."),
    eventRetentionDays: whole(0, 3650).default(0).describe("Days that the event log is kept; 0 keeps it."),
  })
  .prefault({})
  .describe("The scheduled cleanup: an execution of playbook system/scheduled_cleanup.");

export const systemPoolSchema = z
  .strictObject({
    name: objectName()
      .default("noetl-worker-system-pool")
      .describe("Name of the Deployment and ServiceAccount, and the pods' `app` label."),
    poolName: objectName()
      .default("worker-system-pool")
      .describe("Name the pool registers under at the server (WORKER_POOL_NAME), and the `worker-pool` label."),
    consumer: natsName()
      .default("noetl_worker_pool_system")
      .describe("Durable consumer of SUBJECT.system.> (NATS_CONSUMER)."),
    maxConcurrent: whole(1, 1000).default(2).describe("Commands a pod works on at once (WORKER_MAX_CONCURRENT)."),
    ...poolFields,
    materializer,
    stateBuilder,
    cleanup,
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "1", memory: "768Mi" },
    }),
  })
  .prefault({})
  .describe(
    "The privileged worker pool: it decides what comes after each step of a playbook, and runs those below system/. No playbook ends without it.",
  );
