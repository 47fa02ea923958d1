import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { scaledObject, type ScaledObjectFacts, type ScaledObjectManifest } from "./scaled-object";

export interface KedaScalerArgs extends Omit<ScaledObjectFacts, "name"> {
  /** Escape hatch: gets the ScaledObject that was made and returns what it shall be. */
  transform?: { scaledObject?: Transform<ScaledObjectManifest> };
}

/**
 * Scales a Deployment on the lag of its JetStream consumers. KEDA makes a HorizontalPodAutoscaler `keda-hpa-NAME` of
 * it, which owns the number of pods from then on: the Deployment must not write `replicas`.
 *
 * `name` is the physical name of the ScaledObject. The cluster must have KEDA: see {@link KedaOperator}.
 *
 * @throws ScalingError when KEDA would refuse it, or silently not do what it says
 */
export class KedaScaler extends pulumi.ComponentResource {
  /** Name of the HorizontalPodAutoscaler that KEDA makes. */
  readonly autoscalerName: string;

  constructor(name: string, args: KedaScalerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:scaling:KedaScaler", name, {}, opts);
    this.autoscalerName = `keda-hpa-${name}`;
    const manifest = apply(args.transform?.scaledObject, scaledObject({ ...args, name }));
    new k8s.apiextensions.CustomResource(name, manifest, { parent: this });
    this.registerOutputs();
  }
}
