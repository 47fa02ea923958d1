import { overlaps } from "../../../components/nats/subject";
import { manifestOf, type ResourceGraph } from "../../../preview/graph";
import { at, listOf, numberOf, objectOf, textOf } from "../../../preview/json";
import { jetStreamOf } from "../../../stacks/streams";
import type { PlatformConfig } from "../../../stacks/schema";

/** A workload that KEDA scales on a consumer. */
export interface ScaledPool {
  scaledObject: string;
  namespace: string;
  deployment: string;
  stream: string;
  consumer: string;
  filterSubject: string;
  /** Messages a pod. */
  lagThreshold: number;
  minReplicas: number;
  maxReplicas: number;
  /** How long it may take until fewer messages are fewer pods, in seconds. */
  fallSeconds: number;
}

/** What the autoscaler of Kubernetes waits before it takes pods away, in seconds. */
const STABILIZATION = 300;
/** What it and KEDA take between two looks, and pods until they are ready, in seconds. */
const SLACK = 120;

/** The pools that KEDA scales, by the first consumer of each; those of which it is told to do nothing left out. */
export function scaledPools(graph: ResourceGraph, config: PlatformConfig): ScaledPool[] {
  const { streams } = jetStreamOf(config);
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "ScaledObject") return [];
    if (at(manifest.metadata.annotations, "autoscaling.keda.sh/paused") !== undefined) return [];
    const spec = objectOf(manifest.spec);
    const trigger = listOf(spec.triggers).find((each) => textOf(at(each, "type")) === "nats-jetstream");
    const text = (key: string): string => textOf(at(trigger, "metadata", key)) ?? "";
    const stream = streams.find(({ name }) => name === text("stream"));
    const consumer = stream?.consumers.find(({ name }) => name === text("consumer"));
    if (stream === undefined || consumer === undefined) return [];
    const window = numberOf(
      at(spec, "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown", "stabilizationWindowSeconds"),
    );
    return [
      {
        scaledObject: manifest.metadata.name,
        namespace: manifest.metadata.namespace ?? "",
        deployment: textOf(at(spec, "scaleTargetRef", "name")) ?? "",
        stream: stream.name,
        consumer: consumer.name,
        filterSubject: consumer.filterSubject,
        lagThreshold: Number(text("lagThreshold")),
        minReplicas: numberOf(spec.minReplicaCount) ?? 0,
        maxReplicas: numberOf(spec.maxReplicaCount) ?? 100,
        fallSeconds:
          (window ?? STABILIZATION) +
          (numberOf(spec.cooldownPeriod) ?? 300) +
          2 * (numberOf(spec.pollingInterval) ?? 30) +
          SLACK,
      },
    ];
  });
}

/** How far a pool is to rise. */
export interface Rise {
  /** Pods to come to. */
  pods: number;
  /** Messages that ask for so many. */
  messages: number;
  subject: string;
}

/** Pods that a rise adds. */
const MORE = 2;
/** Most messages that a rise may take. */
const MOST = 10_000;

/**
 * How to make a pool rise a little, by messages of a subject of their own that no other consumer takes; or why not.
 *
 * @param replicas pods that it has
 * @param others other consumers of the stream
 */
export function riseOf(
  pool: ScaledPool,
  replicas: number,
  others: readonly { name: string; filters: readonly string[] }[],
  run: string,
): Rise | { unmet: string } {
  const { deployment, consumer, filterSubject, maxReplicas, lagThreshold } = pool;
  if (replicas >= maxReplicas)
    return { unmet: `Deployment ${deployment} has ${replicas} pods already, and may have ${maxReplicas}` };
  const subject = ownSubject(filterSubject, run);
  if (subject === undefined)
    return {
      unmet: `consumer ${consumer} takes the one subject ${filterSubject}: messages of a rig could not be told from commands`,
    };
  const greedy = others.find(
    ({ filters }) => filters.length === 0 || filters.some((filter) => overlaps(filter, subject)),
  );
  if (greedy)
    return {
      unmet: `consumer ${greedy.name} takes from ${subject}, too, and would hand the rig's messages to its workers`,
    };
  const pods = Math.min(maxReplicas, replicas + MORE);
  const messages = pods * lagThreshold;
  if (messages > MOST)
    return {
      unmet: `${pods} pods of ${lagThreshold} messages each would take ${messages} messages; a rig sends at most ${MOST}`,
    };
  return { pods, messages, subject };
}

/** A subject among those of a filter that only this run uses; undefined when the filter is a single subject. */
function ownSubject(filter: string, run: string): string | undefined {
  const own = `verify-${run}`;
  if (!/(^|\.)[*>]/.test(filter)) return undefined;
  return filter
    .split(".")
    .map((token) => (token === "*" || token === ">" ? own : token))
    .join(".");
}
