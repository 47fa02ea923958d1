import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { horizontalPodAutoscaler, type HpaFacts } from "./horizontal-pod-autoscaler";

export interface HpaScalerArgs extends Omit<HpaFacts, "name"> {
  /** Escape hatch: gets the autoscaler that was made and returns what it shall be. */
  transform?: { horizontalPodAutoscaler?: Transform<k8s.autoscaling.v2.HorizontalPodAutoscalerArgs> };
}

/**
 * Scales a Deployment on the CPU and memory of its pods, without KEDA. `name` is the physical name of the
 * HorizontalPodAutoscaler. The Deployment must not write `replicas`.
 */
export class HpaScaler extends pulumi.ComponentResource {
  constructor(name: string, args: HpaScalerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:scaling:HpaScaler", name, {}, opts);
    const autoscaler = horizontalPodAutoscaler({ ...args, name });
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(name, apply(args.transform?.horizontalPodAutoscaler, autoscaler), {
      parent: this,
    });
    this.registerOutputs();
  }
}
