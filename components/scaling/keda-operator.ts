import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { apply, type Transform } from "../kubernetes/transform";

/** A Helm chart: where it is, and which one. */
export interface ChartReference {
  /** URL of the repository. */
  repository: string;
  /** Name of the chart. */
  chart: string;
  version: string;
}

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
    new k8s.helm.v3.Release(name, apply(args.transform?.release, release(name, args)), { parent: this });
    this.registerOutputs();
  }
}

/** A Helm release of the operator, undone when it does not come up. */
export function release(name: string, facts: KedaOperatorFacts): k8s.helm.v3.ReleaseArgs {
  const { namespace, chart } = facts;
  return {
    name,
    chart: chart.chart,
    version: chart.version,
    repositoryOpts: { repo: chart.repository },
    namespace: namespace.created,
    atomic: true,
    values: operatorValues(facts),
  };
}

/** The values that differ from the chart's own. */
export function operatorValues({ httpTimeout, logLevel, metrics, resources }: KedaOperatorFacts) {
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
