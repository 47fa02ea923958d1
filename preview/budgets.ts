import { manifestOf, type Json, type Manifest, type ResourceGraph } from "./graph";
import { at, isObject, numberOf, textOf } from "./json";
import { selects } from "./network/selector";
import type { Workload } from "./workloads";

/** PodDisruptionBudgets that a workload's pods fall under. */
export function budgetsOf({ namespace, podLabels }: Workload, graph: ResourceGraph): Manifest[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "PodDisruptionBudget" || (manifest.metadata.namespace ?? "default") !== namespace) return [];
    const selector = at(manifest.spec, "selector");
    return isObject(selector) && selects(selector, podLabels) ? [manifest] : [];
  });
}

/** How many pods a budget lets go at once; Kubernetes rounds percentages up on both sides. */
export function evictable({ spec }: Manifest, pods: number): number {
  const going = share(at(spec, "maxUnavailable"), pods);
  const staying = share(at(spec, "minAvailable"), pods);
  return Math.max(0, Math.min(pods, going ?? pods - (staying ?? 0)));
}

/** A number of pods, or a percentage of them rounded up. */
export function share(value: Json | undefined, pods: number): number | undefined {
  const percent = /^(\d+)%$/.exec(textOf(value) ?? "")?.[1];
  return percent === undefined ? numberOf(value) : Math.ceil((Number(percent) / 100) * pods);
}
