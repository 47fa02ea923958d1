import type { ResourceGraph } from "../graph";
import type { Impact, ImpactReport } from "../impact/report";
import type { Reason } from "./links";
import { mapOf } from "./map";

/** What `graph --format json` prints. */
export interface GraphJson {
  stack: string;
  resources: {
    urn: string;
    kind: string;
    namespace: string | null;
    name: string;
    /** URN of the component it stands in. */
    component: string | null;
    /** What the change does to it at worst; null without a change. */
    impact: Impact | null;
  }[];
  /** Who needs whom, and why. */
  links: { from: string; to: string; reason: Reason }[];
}

/** A platform's map as data: the public format of `graph --format json`. */
export function graphData(graph: ResourceGraph, report?: ImpactReport): GraphJson {
  const { stack, places, links } = mapOf(graph, report);
  return {
    stack,
    resources: places.map(({ resource, kind, namespace, name, parent, change, impact }) => ({
      urn: resource.urn,
      kind,
      namespace: namespace ?? null,
      name,
      component: parent?.resource.urn ?? null,
      impact: (change && impact) ?? null,
    })),
    links,
  };
}
