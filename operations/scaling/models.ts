import { manifestOf, type Manifest, type ResourceGraph } from "../../preview/graph";
import { at, listOf, numberOf, objectOf, textOf } from "../../preview/json";
import { quantityOf } from "../../preview/amounts";
import type { Json } from "../../preview/graph";
import { type ClusterSettings, DEFAULT_CLUSTER, type Rules } from "./autoscaler";
import type { KedaFallback } from "./keda";
import type { ScalerModel } from "./simulate";

/** A ScaledObject that can be simulated. */
export interface PoolScaler {
  /** The Deployment. */
  pool: string;
  /** Consumer of each trigger. */
  consumers: string[];
  model: ScalerModel;
}

/** Every ScaledObject of a graph, in its order. */
export function poolScalersOf(graph: ResourceGraph, cluster: ClusterSettings = DEFAULT_CLUSTER): PoolScaler[] {
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  return manifests.filter(({ kind }) => kind === "ScaledObject").map((manifest) => poolScaler(manifest, cluster));
}

/** Names of the workloads that Kubernetes scales by itself, on what no lag tells. */
export function scaledByUsage(graph: ResourceGraph): string[] {
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  const autoscalers = manifests.filter(({ kind }) => kind === "HorizontalPodAutoscaler");
  return autoscalers.map(({ spec }) => textOf(at(spec, "scaleTargetRef", "name")) ?? "?");
}

/** A ScaledObject as KEDA reads it, with its defaults where it says nothing. */
export function poolScaler({ metadata, spec }: Manifest, cluster: ClusterSettings = DEFAULT_CLUSTER): PoolScaler {
  const said = objectOf(spec);
  const triggers = listOf(said.triggers).map((trigger) => objectOf(at(trigger, "metadata")));
  const fallback = said.fallback === undefined ? undefined : fallbackOf(said.fallback);
  const behavior = behaviorOf(at(said.advanced, "horizontalPodAutoscalerConfig", "behavior"), cluster);
  return {
    pool: textOf(at(said.scaleTargetRef, "name")) ?? metadata.name,
    consumers: triggers.map(({ consumer }) => textOf(consumer) ?? ""),
    model: {
      minReplicas: numberOf(said.minReplicaCount) ?? 0,
      maxReplicas: numberOf(said.maxReplicaCount) ?? 100,
      idleReplicas: numberOf(said.idleReplicaCount),
      pollingInterval: numberOf(said.pollingInterval) ?? 30,
      cooldownPeriod: numberOf(said.cooldownPeriod) ?? 300,
      initialCooldownPeriod: numberOf(said.initialCooldownPeriod) ?? 0,
      triggers: triggers.map(({ lagThreshold, activationLagThreshold }) => ({
        lagThreshold: Number(textOf(lagThreshold) ?? 10),
        activationLagThreshold: Number(textOf(activationLagThreshold) ?? 0),
      })),
      ...(fallback && { fallback }),
      ...(behavior && { behavior }),
      paused: textOf(at(metadata.annotations, "autoscaling.keda.sh/paused")) === "true",
    },
  };
}

function fallbackOf(said: Json): KedaFallback {
  return {
    failureThreshold: numberOf(at(said, "failureThreshold")) ?? 0,
    replicas: numberOf(at(said, "replicas")) ?? 0,
    behavior: (textOf(at(said, "behavior")) ?? "static") as KedaFallback["behavior"],
  };
}

/** A behavior, completed as the API server does: one that is there has rules for both directions. */
function behaviorOf(said: Json | undefined, cluster: ClusterSettings): ScalerModel["behavior"] {
  if (said === undefined) return undefined;
  const { tolerance, downscaleStabilization } = cluster;
  return {
    up: rulesOf(at(said, "scaleUp"), {
      stabilizationWindow: 0,
      select: "Max",
      policies: [
        { type: "Pods", value: 4, period: 15 },
        { type: "Percent", value: 100, period: 15 },
      ],
      tolerance,
    }),
    down: rulesOf(at(said, "scaleDown"), {
      stabilizationWindow: downscaleStabilization,
      select: "Max",
      policies: [{ type: "Percent", value: 100, period: 15 }],
      tolerance,
    }),
  };
}

function rulesOf(said: Json | undefined, defaults: Rules): Rules {
  const policies = listOf(at(said, "policies")).map((policy) => ({
    type: (textOf(at(policy, "type")) ?? "Pods") as "Pods" | "Percent",
    value: numberOf(at(policy, "value")) ?? 0,
    period: numberOf(at(policy, "periodSeconds")) ?? 0,
  }));
  return {
    stabilizationWindow: numberOf(at(said, "stabilizationWindowSeconds")) ?? defaults.stabilizationWindow,
    select: (textOf(at(said, "selectPolicy")) ?? defaults.select) as Rules["select"],
    policies: policies.length === 0 ? defaults.policies : policies,
    tolerance: quantityOf(at(said, "tolerance")) ?? defaults.tolerance,
  };
}
