import { PermanentError } from "../tasks/errors";
import { COMPUTE, LAYER_NAMES, wasInside, type Scope } from "./layers";

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
  const urns = new Set(own);
  // Later ones may depend on earlier ones only.
  for (const resource of resources) if (needsOf(resource).some((urn) => urns.has(urn))) urns.add(resource.urn);
  const others = [...urns].filter((urn) => !own.includes(urn));
  if (others.length > 0 && scope.dependents !== true) {
    const layers = LAYER_NAMES.filter((layer) => others.some((urn) => wasInside(urn, { layer })));
    const who = layers.length > 0 ? layers.join(", ") : `${others.length} resources`;
    throw new PermanentError("needed", `${who} need it; destroy them first, or with it by dependents: true`);
  }
  return [...urns];
}

function isMeant({ urn, type, inputs = {} }: StateResource, scope: Exclude<Scope, { all: true }>): boolean {
  if ("layer" in scope) return wasInside(urn, scope);
  if (!COMPUTE.includes(type)) return false;
  const name = urn.split("::").slice(3).join("::");
  return scope.servers.length === 0 || scope.servers.some((one) => one === name || one === inputs.name);
}

function needsOf({ parent, dependencies = [], propertyDependencies = {} }: StateResource): string[] {
  const ofProperties = Object.values(propertyDependencies).flatMap((urns) => urns ?? []);
  return [...(parent === undefined ? [] : [parent]), ...dependencies, ...ofProperties];
}
