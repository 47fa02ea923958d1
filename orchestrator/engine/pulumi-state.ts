import { PermanentError } from "../tasks/errors";
import { COMPUTE, LAYER_NAMES, layersThatAsk, wasInside, type Layer, type Scope } from "./layers";

/** A resource in Pulumi's state, as far as it is read. */
export interface StateResource {
  urn: string;
  type: string;
  parent?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  inputs?: Record<string, unknown>;
}

/**
 * URNs of what a task destroys: what it is about, with all that depends on it where that was asked for.
 *
 * @throws PermanentError `layer-missing`, `needed` when others depend on it, and nobody said that they go, too
 */
export function goneTargets(resources: readonly StateResource[], scope: Exclude<Scope, { all: true }>): string[] {
  const own = resources.filter((resource) => isMeant(resource, scope)).map(({ urn }) => urn);
  if (own.length === 0) throw new PermanentError("not-there", "there is nothing of it in the stack's state");
  const asking = "layer" in scope ? layersThatAsk(scope.layer) : [];
  const urns = new Set([...own, ...resources.flatMap(({ urn }) => (isOfOne(urn, asking) ? [urn] : []))]);
  // Later ones may depend on earlier ones only.
  for (const resource of resources) if (needsOf(resource).some((urn) => urns.has(urn))) urns.add(resource.urn);
  const others = [...urns].filter((urn) => !own.includes(urn));
  if (others.length > 0 && scope.dependents !== true) {
    const layers = LAYER_NAMES.filter((layer) => others.some((urn) => wasInside(urn, { layer })));
    const what = "layer" in scope ? scope.layer : "it";
    const who = layers.length > 0 ? layers.join(", ") : others.map(shortName).join(", ");
    throw new PermanentError(
      "needed",
      `${what} is needed by: ${who}; destroy that first, or together with it (dependents: true)`,
    );
  }
  return [...urns];
}

function isOfOne(urn: string, layers: readonly Layer[]): boolean {
  return layers.some((layer) => wasInside(urn, { layer }));
}

function isMeant({ urn, type, inputs = {} }: StateResource, scope: Exclude<Scope, { all: true }>): boolean {
  if ("layer" in scope) return wasInside(urn, scope);
  if (!COMPUTE.includes(type)) return false;
  const name = shortName(urn);
  return scope.servers.length === 0 || scope.servers.some((one) => one === name || one === inputs.name);
}

function needsOf({ parent, dependencies = [], propertyDependencies = {} }: StateResource): string[] {
  const ofProperties = Object.values(propertyDependencies).flatMap((urns) => urns ?? []);
  return [...(parent === undefined ? [] : [parent]), ...dependencies, ...ofProperties];
}

/** The name that the program gives it. */
export function shortName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
