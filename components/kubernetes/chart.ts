import type * as k8s from "@pulumi/kubernetes";
import type { Namespace } from "./namespaces";

/** A Helm chart: where it is, and which one. */
export interface ChartReference {
  /** URL of the repository. */
  repository: string;
  /** Name of the chart. */
  chart: string;
  version: string;
}

/** A release of a chart, undone when it does not come up. */
export function chartRelease(
  name: string,
  { namespace, chart }: { namespace: Namespace; chart: ChartReference },
  values: Record<string, unknown>,
): k8s.helm.v3.ReleaseArgs {
  return {
    name,
    chart: chart.chart,
    version: chart.version,
    repositoryOpts: { repo: chart.repository },
    namespace: namespace.created,
    atomic: true,
    values,
  };
}
