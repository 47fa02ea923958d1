import { z } from "zod";
import { IMAGES } from "../versions";
import { catalogPath, image, line, natsToken, objectName, resources, whole } from "./fields";

const subscriptionSchema = z
  .strictObject({
    name: objectName().describe("Name of the Deployment, and the pod's `app` label."),
    path: catalogPath().describe(
      "Catalog path of the `kind: Subscription` (NOETL_SUBSCRIPTION_PATH); the pod waits until it is registered.",
    ),
    segment: natsToken()
      .default("subscription")
      .describe("Segment that the subscription's `dispatch.execution_pool` names; the preview looks for a pool of it."),
    image: image().default(IMAGES.noetlWorker).describe("NoETL worker image: the runtime is a mode of the worker."),
    terminationGracePeriod: whole(1, 3600)
      .default(60)
      .describe("Seconds to hand on what has been fetched and to deactivate the subscription."),
    rustLog: line(255).optional().describe("Log filter (RUST_LOG). Default: of the build."),
    resources: resources({
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "300m", memory: "256Mi" },
    }),
  })
  .describe("One subscription runtime.");

export const subscriptionsSchema = z
  .array(subscriptionSchema)
  .max(1000)
  .default([])
  .describe("Subscription runtimes: each holds one source open and makes an execution of every message.");
