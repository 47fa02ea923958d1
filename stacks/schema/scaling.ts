import { z } from "zod";
import { natsName, objectName, resources, whole } from "./fields";

const policy = z
  .strictObject({
    type: z.enum(["pods", "percent"]).describe("What `value` counts."),
    value: whole(1, 10000).describe("Most change within a period."),
    period: whole(1, 1800).describe("Seconds."),
  })
  .describe("At most so many pods, or so many percent of them, within a period.");

function rules(direction: "up" | "down", pick: string) {
  return z
    .strictObject({
      stabilizationWindow: whole(0, 3600)
        .optional()
        .describe(
          `Seconds of earlier recommendations that count: ${pick} of them holds. Default: of Kubernetes, ${direction === "up" ? "0" : "300 unless the cluster says otherwise"}.`,
        ),
      select: z
        .enum(["max", "min", "disabled"])
        .optional()
        .describe(`Which policy holds when there are several; \`disabled\` never scales ${direction}. Default: max.`),
      policies: z
        .array(policy)
        .min(1)
        .max(10)
        .optional()
        .describe(
          `How fast. Default: of Kubernetes, ${direction === "up" ? "4 pods or 100 percent in 15 seconds" : "100 percent in 15 seconds"}.`,
        ),
      tolerance: whole(0, 100)
        .optional()
        .describe(
          "Percent that the metric may be off its target before anything happens. Default: of the cluster, 10.",
        ),
    })
    .optional()
    .describe(`How fast the number of pods goes ${direction}.`);
}

const behavior = z
  .strictObject({ scaleUp: rules("up", "the lowest"), scaleDown: rules("down", "the highest") })
  .optional()
  .describe("How fast pods come and go. Default: at most double a sync, or four pods; down after five minutes.");

const maxReplicas = whole(1, 500).default(20).describe("Most pods.");

const lagThreshold = whole(1, 1000000).describe(
  "Messages waiting, or taken and not acknowledged, that one pod is there for: twice as many want two pods.",
);
const activationLagThreshold = whole(0, 1000000).describe("Lag above which a pool without pods gets its first.");

const keda = z
  .strictObject({
    kind: z
      .literal("keda")
      .describe("KEDA scales on the lag of the pool's consumer. The cluster needs KEDA: see `keda`."),
    name: objectName()
      .optional()
      .describe("Name of the ScaledObject. Default: `NAME-scaler-POOLNAME`, which KEDA takes up to 54 characters."),
    minReplicas: whole(0, 500).default(1).describe("Least pods; 0 lets the pool go away without work."),
    maxReplicas,
    lagThreshold: lagThreshold.default(10),
    activationLagThreshold: activationLagThreshold.default(1),
    consumers: z
      .array(
        z
          .strictObject({
            stream: natsName().optional().describe("Stream of the consumer. Default: the pool's."),
            consumer: natsName().describe("Durable consumer; some pool must have it."),
            lagThreshold: lagThreshold.optional(),
            activationLagThreshold: activationLagThreshold.optional(),
          })
          .describe("One more consumer. Thresholds left out are the pool's."),
      )
      .max(20)
      .default([])
      .describe("Further consumers to watch; the one that wants most pods wins."),
    pollingInterval: whole(1, 3600)
      .default(10)
      .describe(
        "Seconds between looks at whether the pool is active. The number of pods from 1 up follows the autoscaler's own sync, 15 seconds.",
      ),
    cooldownPeriod: whole(1, 86400)
      .default(30)
      .describe(
        "Seconds from the last activity until the pool goes to zero. Without effect on a pool that never does.",
      ),
    initialCooldownPeriod: whole(0, 86400).default(0).describe("Seconds that a new pool has before it may go to zero."),
    idleToZero: z
      .boolean()
      .default(false)
      .describe("Go to zero without activity, and back to `minReplicas` with it (idleReplicaCount 0)."),
    fallback: z
      .strictObject({
        failureThreshold: whole(0, 1000)
          .default(3)
          .describe("Failed readings in a row that are only tolerated. Polls and syncs of the autoscaler both count."),
        replicas: whole(1, 500).describe("Pods after that."),
        behavior: z
          .enum(["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"])
          .default("static")
          .describe("`static`: `replicas`. Otherwise the present number, always or when it is higher or lower."),
      })
      .optional()
      .describe("What to do when NATS cannot be asked for the lag. Default: leave the pods as they are."),
    paused: z
      .boolean()
      .default(false)
      .describe(
        "Leave the number of pods as it is (autoscaling.keda.sh/paused); KEDA removes its autoscaler meanwhile.",
      ),
    behavior,
  })
  .describe("Scaling on consumer lag, by KEDA.");

const hpa = z
  .strictObject({
    kind: z.literal("hpa").describe("Kubernetes scales on what the pods use. The cluster needs a metrics server."),
    minReplicas: whole(1, 500).default(1).describe("Least pods."),
    maxReplicas,
    cpu: whole(1, 1000).default(70).describe("CPU in percent of what the pods request, on average."),
    memory: whole(1, 1000)
      .optional()
      .describe("Memory in percent of what the pods request, on average. Default: does not matter."),
    behavior,
  })
  .describe("Scaling on CPU and memory, by a HorizontalPodAutoscaler.");

/** `scaling` of a worker pool. */
export const scalingSchema = z
  .discriminatedUnion("kind", [keda, hpa], { error: '"keda" or "hpa"' })
  .optional()
  .describe("Who decides how many pods there are. Default: nobody, `replicas` says it.");

export const kedaSchema = z
  .strictObject({
    install: z
      .boolean()
      .optional()
      .describe(
        "Install the KEDA operator with its Helm chart. A cluster has one KEDA at most: false where it has one. Default: no, and the preview asks when a pool needs it.",
      ),
    namespace: objectName().default("keda").describe("Namespace of the operator, also of one that is there already."),
    httpTimeout: whole(100, 60000)
      .default(3000)
      .describe("Milliseconds until a question to NATS fails (KEDA_HTTP_DEFAULT_TIMEOUT)."),
    logLevel: z.enum(["debug", "info", "error"]).default("info").describe("Log level of the operator."),
    metrics: z.boolean().default(true).describe("Serve the operator's own metrics on port 8080: errors and latencies."),
    resources: resources({
      requests: { cpu: "100m", memory: "100Mi" },
      limits: { cpu: "1", memory: "1000Mi" },
    }),
  })
  .prefault({})
  .describe("The KEDA operator, which `scaling` of a pool with `kind: keda` needs.");
