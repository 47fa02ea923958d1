import { fieldChanges, type FieldChange } from "../field-changes";
import { manifestOf, SECRET, type Json, type Resource, type ResourceGraph } from "../graph";
import { isRendered, renderedPath } from "../manifests";
import type { ResourceImpact } from "./report";

/** A resource on both sides, one of which may be missing. */
export interface Pair {
  before?: Resource;
  after?: Resource;
  /** What differs; empty where a side is missing. */
  fields: FieldChange[];
  change: ResourceImpact["change"];
  /**
   * Whether the same object belongs to another resource of the program now, as its parent or logical name changed:
   * `alias` where the program tells Pulumi so.
   */
  moved: false | "alias" | "unknown";
}

/**
 * Which resource of one graph is which of the other: by URN and alias, as Pulumi does, and what is left by the object in
 * the cluster. In the order of the second graph, then what only the first one has.
 */
export function pairsOf(before: ResourceGraph, after: ResourceGraph): Pair[] {
  const old = before.resources.filter(isRendered);
  const byUrn = new Map(old.map((resource) => [resource.urn, resource]));
  const urns = new Set(after.resources.map(({ urn }) => urn));
  const byObject = new Map(
    old.filter(({ urn }) => !urns.has(urn)).map((resource) => [renderedPath(resource), resource] as const),
  );
  const paired = new Set<Resource>();
  const pairs = after.resources.filter(isRendered).map((now): Pair => {
    const same = byUrn.get(now.urn);
    const former = same ? undefined : now.aliases?.find((urn) => byUrn.has(urn) && !urns.has(urn));
    const was = same ?? byUrn.get(former ?? "") ?? byObject.get(renderedPath(now));
    if (!was) return { after: now, fields: [], change: "added", moved: false };
    paired.add(was);
    const fields = was === now ? [] : resourceChanges(was, now);
    const moved = same ? false : former === undefined ? "unknown" : "alias";
    return { before: was, after: now, fields, change: fields.length > 0 || moved ? "changed" : "same", moved };
  });
  const gone = old.filter((resource) => !paired.has(resource));
  return [...pairs, ...gone.map((was): Pair => ({ before: was, fields: [], change: "removed", moved: false }))];
}

/** The resource as the change leaves it, or as it was when it goes. */
export function resourceOf({ before, after }: Pair): Resource {
  const resource = after ?? before;
  if (!resource) throw new Error("a pair without resources");
  return resource;
}

/** What a report calls a resource. */
export function nameOf(resource: Resource): Pick<ResourceImpact, "urn" | "kind" | "namespace" | "name"> {
  const manifest = manifestOf(resource);
  const { urn, type } = resource;
  if (!manifest) return { urn, kind: type.slice(type.lastIndexOf(":") + 1), name: resource.name };
  const { namespace, name } = manifest.metadata;
  return { urn, kind: manifest.kind, ...(namespace !== undefined && { namespace }), name };
}

/** Differences of the inputs, and of what Pulumi knows of the resource beside them. */
function resourceChanges(before: Resource, after: Resource): FieldChange[] {
  const options = ({ protect, retainOnDelete }: Resource): Record<string, Json> => ({
    ...(protect && { "(protect)": true }),
    ...(retainOnDelete && { "(retainOnDelete)": true }),
  });
  return [
    ...fieldChanges(before.inputs, after.inputs),
    ...secretChanges(before.fingerprints ?? {}, after.fingerprints ?? {}),
    ...fieldChanges(options(before), options(after)),
  ];
}

/** Secret values that are on both sides and differ. Keys that come or go are seen without fingerprints. */
function secretChanges(before: Fingerprints, after: Fingerprints): FieldChange[] {
  return Object.entries(after).flatMap(([path, now]) => {
    const was = before[path];
    return was === undefined || was === now ? [] : [{ path, before: shown(was), after: shown(now) }];
  });
}

type Fingerprints = NonNullable<Resource["fingerprints"]>;

function shown(fingerprint: string): string {
  return SECRET.replace(">", ` ${fingerprint}>`);
}
