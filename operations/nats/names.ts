import type { Varz } from "./monitoring";

/** Name of the cluster of a server; empty for one that is alone. */
export function clusterOf(varz: Varz): string {
  return varz.cluster?.name ?? "";
}

/** Every name once, sorted. */
export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
