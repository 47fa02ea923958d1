import { isRendered, renderedPath } from "../manifests";
import { impactOf, type Impact, type ImpactReport, type ResourceImpact } from "../impact/report";
import type { Resource, ResourceGraph } from "../graph";
import { branchesOf, type Branch } from "../structure";
import { graver } from "./impact-style";
import { linksOf, type Link } from "./links";

/** A component or resource of a map. */
export interface Place {
  /** Its number in {@link PlatformMap.places}. */
  id: number;
  resource: Resource;
  kind: string;
  name: string;
  namespace: string | undefined;
  component: boolean;
  /** The component it stands in. */
  parent: Place | undefined;
  children: Place[];
  /** Resources in it, itself included. */
  size: number;
  /** What a change does to it. */
  change: ResourceImpact | undefined;
  /** The gravest impact on it or on anything in it. */
  impact: Impact | undefined;
}

/** A platform as pictures and pages show it. */
export interface PlatformMap {
  project: string;
  stack: string;
  /** Components and resources, each before what it holds. */
  places: Place[];
  roots: Place[];
  links: Link[];
  byUrn: Map<string, Place>;
  report: ImpactReport | undefined;
}

/** Where removed resources stand whose component nobody knows. */
const REMOVED = "removed";

/** Puts a graph and what a change does to it together. Resources that the change removes are in it, too. */
export function mapOf(graph: ResourceGraph, report?: ImpactReport): PlatformMap {
  const changes = new Map(report?.resources.map((change) => [change.urn, change]));
  const whole = withRemoved(graph, report);
  const places: Place[] = [];
  const roots = branchesOf(whole).map((branch) => placeOf(branch, undefined, changes, places));
  return {
    project: graph.project,
    stack: graph.stack,
    places,
    roots,
    links: linksOf(whole),
    byUrn: new Map(places.map((place) => [place.resource.urn, place])),
    report,
  };
}

function placeOf(
  branch: Branch,
  parent: Place | undefined,
  changes: ReadonlyMap<string, ResourceImpact>,
  places: Place[],
): Place {
  const { resource, kind, name, namespace } = branch;
  const change = changes.get(resource.urn);
  const component = !isRendered(resource);
  const place: Place = {
    id: places.length,
    resource,
    kind: change?.change === "removed" ? change.kind : kind,
    name: change?.change === "removed" ? change.name : name,
    namespace: namespace ?? change?.namespace,
    component,
    parent,
    children: [],
    size: component ? 0 : 1,
    change,
    impact: change && impactOf(change),
  };
  places.push(place);
  for (const child of branch.children) {
    const inner = placeOf(child, place, changes, places);
    place.children.push(inner);
    place.size += inner.size;
    place.impact = graver(place.impact, inner.impact);
  }
  return place;
}

/** A graph with the resources that a change removes, each in the component whose types its URN names, if that is one. */
function withRemoved(graph: ResourceGraph, report: ImpactReport | undefined): ResourceGraph {
  const known = new Set(graph.resources.map(({ urn }) => urn));
  const removed = report?.resources.filter(({ urn, change }) => change === "removed" && !known.has(urn)) ?? [];
  if (removed.length === 0) return graph;
  const lost: Resource = {
    urn: `urn:pulumi:${graph.stack}::${graph.project}::noetl:change:Removed::${REMOVED}`,
    type: "noetl:change:Removed",
    name: REMOVED,
    dependencies: [],
    custom: false,
    protect: false,
    retainOnDelete: false,
    inputs: {},
  };
  const components = graph.resources.filter(({ custom, type }) => !custom && !type.startsWith("pulumi:"));
  const gone = removed.map(({ urn }): Resource => {
    const [, , types = "", name = ""] = urn.split("::");
    const type = types.slice(types.lastIndexOf("$") + 1);
    const homes = components.filter((component) => types === `${component.urn.split("::")[2] ?? ""}$${type}`);
    const [home] = homes;
    return { ...lost, urn, type, name, custom: true, parent: homes.length === 1 && home ? home.urn : lost.urn };
  });
  const isLost = gone.some(({ parent }) => parent === lost.urn);
  return { ...graph, resources: [...graph.resources, ...(isLost ? [lost] : []), ...gone] };
}

/** How a page names a place in its address: `noetl/deployment-noetl-server-rust`, `component/NoetlServer/server`. */
export function keyOf({ component, kind, name, namespace, change, resource }: Place): string {
  if (component) return `component/${kind}/${name}`;
  if (change?.change === "removed") return `${namespace ?? "cluster"}/${kind.toLowerCase()}-${name}`;
  return renderedPath(resource).replace(/\.yaml$/, "");
}

/** The component at the outermost level that holds a place, or the place itself. */
export function rootOf(place: Place): Place {
  let root = place;
  while (root.parent) root = root.parent;
  return root;
}
