import type * as k8s from "@pulumi/kubernetes";
import { labels } from "../kubernetes/labels";
import { behaviorManifest } from "./behavior";
import type { ScaledWorkload, ScalingLimits } from "./facts";
import { scalerLabels } from "./scaled-object";

/** How Kubernetes itself scales a workload: on what its pods use. */
export interface HpaScaling extends ScalingLimits {
  /** CPU in percent of what the pods request, on average. */
  cpu: number;
  /** Memory in percent of what the pods request, on average. Default: memory does not matter. */
  memory?: number | undefined;
}

/** What a HorizontalPodAutoscaler is made from. */
export interface HpaFacts {
  name: string;
  workload: ScaledWorkload;
  scaling: HpaScaling;
}

/** A HorizontalPodAutoscaler; the cluster must have a metrics server. */
export function horizontalPodAutoscaler({
  name,
  workload,
  scaling,
}: HpaFacts): k8s.autoscaling.v2.HorizontalPodAutoscalerArgs {
  const behavior = behaviorManifest(scaling.behavior);
  return {
    metadata: { name, namespace: workload.namespace.created, labels: labels(scalerLabels(workload)) },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload.name },
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: [
        utilization("cpu", scaling.cpu),
        ...(scaling.memory === undefined ? [] : [utilization("memory", scaling.memory)]),
      ],
      ...(behavior && { behavior }),
    },
  };
}

function utilization(name: string, averageUtilization: number) {
  return { type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } };
}
