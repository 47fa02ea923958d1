import { isRendered } from "./manifests";
import { kindOf, nameOf } from "./facts";
import { manifestOf, type Resource, type ResourceGraph } from "./graph";

/** A resource with what belongs to it, as people look for it. */
export interface Branch {
  resource: Resource;
  kind: string;
  name: string;
  /** Namespace of the object, or the one most children of a component share. */
  namespace?: string;
  children: Branch[];
}

/** Kinds in the order in which people ask for them; others follow by name. */
const ORDER = [
  "Namespace",
  "StatefulSet",
  "Deployment",
  "DaemonSet",
  "CronJob",
  "Job",
  "ScaledObject",
  "HorizontalPodAutoscaler",
  "Service",
  "PersistentVolumeClaim",
  "ConfigMap",
  "Secret",
  "ServiceAccount",
  "Role",
  "RoleBinding",
];
const RANKS = new Map(ORDER.map((kind, rank) => [kind, rank]));

/**
 * The components and resources of a graph as a forest, without the stack itself and without providers. Within a
 * component its resources come first, by kind and name, then its components in the order of the program.
 */
export function branchesOf(graph: ResourceGraph): Branch[] {
  const shown = graph.resources.filter((resource) => !resource.type.startsWith("pulumi:"));
  const known = new Set(shown.map((resource) => resource.urn));
  const children = new Map<string, Resource[]>();
  const roots: Resource[] = [];
  for (const resource of shown) {
    if (resource.parent === undefined || !known.has(resource.parent)) roots.push(resource);
    else append(children, resource.parent, resource);
  }
  return sorted(roots.map((resource) => branchOf(resource, children)));
}

function branchOf(resource: Resource, children: ReadonlyMap<string, Resource[]>): Branch {
  const branches = sorted((children.get(resource.urn) ?? []).map((child) => branchOf(child, children)));
  const namespace = isRendered(resource) ? manifestOf(resource)?.metadata.namespace : commonest(branches);
  return {
    resource,
    kind: kindOf(resource),
    name: nameOf(resource),
    ...(namespace !== undefined && { namespace }),
    children: branches,
  };
}

function sorted(branches: Branch[]): Branch[] {
  const rank = (branch: Branch): number =>
    isRendered(branch.resource) ? (RANKS.get(branch.kind) ?? ORDER.length) : ORDER.length + 1;
  return branches.sort((a, b) => {
    const difference = rank(a) - rank(b);
    if (difference !== 0 || !isRendered(a.resource)) return difference;
    return compare(a.kind, b.kind) || compare(a.name, b.name) || compare(a.namespace ?? "", b.namespace ?? "");
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function commonest(branches: Branch[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { namespace } of branches) {
    if (namespace !== undefined) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function append(children: Map<string, Resource[]>, parent: string, child: Resource): void {
  const list = children.get(parent);
  if (list) list.push(child);
  else children.set(parent, [child]);
}
