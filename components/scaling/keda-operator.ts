import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartRelease, type ChartReference } from "../kubernetes/chart";
import type { Namespace } from "../kubernetes/namespaces";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { apply, type Transform } from "../kubernetes/transform";

/** What the operator is like. */
export interface KedaOperatorFacts {
  namespace: Namespace;
  chart: ChartReference;
  /** Milliseconds until a question to NATS fails. */
  httpTimeout: number;
  logLevel: "debug" | "info" | "error";
  /** Whether the operator serves /metrics on port 8080: its errors and latencies, a series a scaler. */
  metrics: boolean;
  /** CPU and memory of the operator. */
  resources: ResourceAmounts;
}

export interface KedaOperatorArgs extends KedaOperatorFacts {
  /** Escape hatch: gets the release that was made and returns what it shall be. */
  transform?: { release?: Transform<k8s.helm.v3.ReleaseArgs> };
}

/**
 * The KEDA operator, by its own Helm chart: operator, metrics server, admission webhooks and their CRDs. A cluster has
 * one KEDA at most, since only one can serve external metrics: leave it out where there is one already.
 */
export class KedaOperator extends pulumi.ComponentResource {
  constructor(name: string, args: KedaOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:scaling:KedaOperator", name, {}, opts);
    const release = chartRelease(name, args, operatorValues(args));
    new k8s.helm.v3.Release(name, apply(args.transform?.release, release), { parent: this });
    this.registerOutputs();
  }
}

/** The values that differ from the chart's own. */
function operatorValues({ httpTimeout, logLevel, metrics, resources }: KedaOperatorFacts) {
  return {
    http: { timeout: httpTimeout },
    logging: { operator: { level: logLevel } },
    prometheus: { operator: { enabled: metrics } },
    resources: { operator: resourceRequirements(resources) },
    // The chart's default, Always, would need the registry at every start.
    image: { pullPolicy: "IfNotPresent" },
    // Service variables of other workloads are nothing to the operator.
    enableServiceLinks: false,
  };
}
