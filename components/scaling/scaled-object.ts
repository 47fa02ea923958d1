import type { NatsConnection } from "../nats/connection";
import { labels } from "../kubernetes/labels";
import { behaviorManifest } from "./behavior";
import type { KedaScaling, ScaledConsumer, ScaledWorkload } from "./facts";

/** Longest name that KEDA takes: the name of the autoscaler it makes, `keda-hpa-NAME`, is a label too. */
export const LONGEST_NAME = 63 - "keda-hpa-".length;

const PAUSED = "autoscaling.keda.sh/paused";

/** What a ScaledObject is made from. */
export interface ScaledObjectFacts {
  /** Name of the ScaledObject. */
  name: string;
  workload: ScaledWorkload;
  /** Where the consumers are: account and monitoring endpoint are always those of this connection. */
  nats: Pick<NatsConnection, "account" | "monitoringEndpoint">;
  scaling: KedaScaling;
}

/** Name of a ScaledObject: `DEPLOYMENT-scaler-POOL`, as the platform's own generator forms it. */
export function scaledObjectName(deployment: string, pool: string): string {
  return `${deployment}-scaler-${pool}`;
}

/** Thrown for what KEDA refuses, or takes and never does. */
export class ScalingError extends Error {}

/**
 * A KEDA ScaledObject: the arguments of a CustomResource.
 *
 * @throws ScalingError when KEDA would refuse it, or silently not do what it says
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/
 */
export function scaledObject(facts: ScaledObjectFacts) {
  const { name, workload, nats, scaling } = facts;
  const problem = problemOf(facts);
  if (problem !== undefined) throw new ScalingError(`ScaledObject ${name}: ${problem}`);
  const behavior = behaviorManifest(scaling.behavior);
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: {
      name,
      namespace: workload.namespace.created,
      labels: labels(scalerLabels(workload)),
      ...(scaling.paused && { annotations: { [PAUSED]: "true" } }),
    },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload.name },
      minReplicaCount: scaling.minReplicas,
      maxReplicaCount: scaling.maxReplicas,
      ...(scaling.idleToZero && { idleReplicaCount: 0 }),
      pollingInterval: scaling.pollingInterval,
      cooldownPeriod: scaling.cooldownPeriod,
      ...(scaling.initialCooldownPeriod > 0 && { initialCooldownPeriod: scaling.initialCooldownPeriod }),
      ...(scaling.fallback && { fallback: scaling.fallback }),
      ...(behavior && { advanced: { horizontalPodAutoscalerConfig: { behavior } } }),
      triggers: scaling.consumers.map((consumer) => trigger(consumer, nats)),
    },
  };
}

/** A ScaledObject as manifests write it. */
export type ScaledObjectManifest = ReturnType<typeof scaledObject>;

/** Labels of a scaler: those of its workload. */
export function scalerLabels({ app, component, extra }: ScaledWorkload) {
  return { app, component, ...(extra && { extra }) };
}

/** KEDA reads every value of the metadata as text, and refuses anything else. */
function trigger({ stream, consumer, ...lag }: ScaledConsumer, nats: ScaledObjectFacts["nats"]) {
  return {
    type: "nats-jetstream",
    metadata: {
      natsServerMonitoringEndpoint: nats.monitoringEndpoint,
      account: nats.account,
      stream,
      consumer: consumer.name,
      lagThreshold: String(lag.lagThreshold),
      activationLagThreshold: String(lag.activationLagThreshold),
      useHttps: "false",
    },
  };
}

function problemOf({ name, scaling }: ScaledObjectFacts): string | undefined {
  const { minReplicas, maxReplicas, idleToZero, fallback, consumers } = scaling;
  const checks: [boolean, string][] = [
    [name.length > LONGEST_NAME, `a name of ${name.length} characters; KEDA takes at most ${LONGEST_NAME}`],
    [minReplicas < 0, `minReplicas ${minReplicas} is less than 0`],
    [maxReplicas < Math.max(1, minReplicas), `maxReplicas ${maxReplicas} is less than minReplicas, or than 1`],
    [idleToZero && minReplicas === 0, "idleToZero needs minReplicas of at least 1"],
    // At zero the autoscaler that would apply the fallback is switched off (KEDA issue 7239).
    [
      fallback !== undefined && (minReplicas === 0 || idleToZero),
      "a fallback needs a workload that never goes to zero",
    ],
    [consumers.length === 0, "no consumer to scale on"],
    [consumers.some((one) => one.lagThreshold < 1), "a lagThreshold is less than 1"],
    // What all pods together may hold would not be enough for a second one.
    [
      consumers.some((one) => one.lagThreshold > one.consumer.maxAckPending),
      "a lagThreshold is more than its consumer's maxAckPending",
    ],
    [consumers.some((one) => one.activationLagThreshold < 0), "an activationLagThreshold is less than 0"],
    [scaling.pollingInterval < 1, "pollingInterval is less than 1"],
    [scaling.cooldownPeriod < 1, "cooldownPeriod is less than 1"],
  ];
  return checks.find(([wrong]) => wrong)?.[1];
}
