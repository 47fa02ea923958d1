import { z } from "zod";
import { natsName, natsSubject, objectName, resources, whole } from "./fields";
import { poolFields } from "./pool-fields";
import { SEGMENTS } from "./segments";

const workerPoolSchema = z
  .strictObject({
    name: objectName().describe("Name of the Deployment, and the pods' `app` label."),
    poolName: objectName().describe(
      "Name the pool registers under at the server (WORKER_POOL_NAME), and the `worker-pool` label.",
    ),
    runtime: z
      .enum(["rust", "python"])
      .default("rust")
      .describe("`rust`: the Rust worker. `python`: the Python worker, which alone runs tool `agent`."),
    segment: z
      .enum(SEGMENTS)
      .default("own")
      .describe(
        "Part of the command stream that a Rust pool takes; it gives `consumer` (noetl_worker_pool_SEGMENT) and `filterSubject` (SUBJECT.SEGMENT.>). `own`: both are given.",
      ),
    segments: z
      .array(z.enum(["shared", "python", "subscription"]))
      .min(1)
      .max(3)
      .default(["shared", "python"])
      .describe(
        "Parts of the command stream that a Python pool takes (NOETL_WORKER_POOL_SEGMENTS), a consumer for each.",
      ),
    consumer: natsName()
      .optional()
      .describe(
        "Durable consumer of this pool (NATS_CONSUMER). Default: of its segment; of a Python pool what its consumers' names begin with, noetl_worker_pool.",
      ),
    filterSubject: natsSubject()
      .optional()
      .describe(
        "Commands of this pool (NATS_FILTER_SUBJECT), such as noetl.commands.shared.>. Default: of its segment.",
      ),
    sharesConsumer: z
      .boolean()
      .default(false)
      .describe("Said of a pool that competes for the commands of a consumer with an earlier pool of the list."),
    maxConcurrent: whole(1, 1000).default(4).describe("Commands a pod works on at once (WORKER_MAX_CONCURRENT)."),
    runsJobs: z
      .boolean()
      .default(true)
      .describe(
        "Whether playbooks may run Kubernetes Jobs (tools `container` and `script`). Without it the pods have neither rights nor a token.",
      ),
    ...poolFields,
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
