import type { LabelFacts } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import type { ConsumerFacts } from "../nats/streams";
import type { ScalingBehavior } from "./behavior";

/** The Deployment that a scaler owns the number of pods of. It must not write `spec.replicas` itself. */
export interface ScaledWorkload extends LabelFacts {
  /** Name of the Deployment. */
  name: string;
  namespace: Namespace;
}

/** Between how many pods a scaler may choose, and how fast. */
export interface ScalingLimits {
  /** Least pods. */
  minReplicas: number;
  /** Most pods; at least `minReplicas`. */
  maxReplicas: number;
  /** How fast. Default: at once up, at most doubled a sync; down after five minutes. */
  behavior?: ScalingBehavior | undefined;
}

/** The consumer whose lag decides. */
export interface ScaledConsumer {
  stream: string;
  consumer: Pick<ConsumerFacts, "name" | "maxAckPending">;
  /** Messages waiting, or taken and not acknowledged, that one pod is there for; at most `maxAckPending`. */
  lagThreshold: number;
  /** Lag above which the workload counts as active: from nothing to one pod. */
  activationLagThreshold: number;
}

/** What KEDA does when it cannot read the lag. */
export interface ScalingFallback {
  /** Failed readings in a row that are only tolerated; polls and the autoscaler's own questions both count. */
  failureThreshold: number;
  /** Pods after that. */
  replicas: number;
  /** How `replicas` and the present number go together. */
  behavior: "static" | "currentReplicas" | "currentReplicasIfHigher" | "currentReplicasIfLower";
}

/** How KEDA scales a workload. Durations are seconds. */
export interface KedaScaling extends ScalingLimits {
  /** Consumers that it watches, at least one; the one that wants most pods wins. */
  consumers: readonly ScaledConsumer[];
  /** Between two looks at whether anything is to be done at all. */
  pollingInterval: number;
  /** From the last activity until the workload goes to zero. Without effect on a workload that never does. */
  cooldownPeriod: number;
  /** The same, from the making of the scaler. */
  initialCooldownPeriod: number;
  /** Whether the workload goes to zero without activity, and back to `minReplicas` with it. */
  idleToZero: boolean;
  fallback?: ScalingFallback | undefined;
  /** Whether the number of pods stays as it is. */
  paused: boolean;
}
