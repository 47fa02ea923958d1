import { manifestOf, type Resource, type ResourceGraph } from "../../../preview/graph";

/**
 * The longest chain of resources of which each waits for the one before it: for its provider, for what its inputs come
 * from, for what it is told to wait for. Components only group others, and are no links.
 */
export function longestChain({ resources }: ResourceGraph): Resource[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const chains = new Map<string, Resource[]>();
  const chainTo = (resource: Resource): Resource[] => {
    const found = chains.get(resource.urn);
    if (found !== undefined) return found;
    const before = [
      ...resource.dependencies.flatMap((urn) => byUrn.get(urn) ?? []),
      ...providersOf(resource, resources),
    ];
    const longest = longestOf(before.map(chainTo));
    const chain = resource.custom ? [...longest, resource] : longest;
    chains.set(resource.urn, chain);
    return chain;
  };
  return longestOf(resources.map(chainTo));
}

/** URNs of objects that do not wait for their namespace although the program makes it: it may not be there yet. */
export function hasteOf({ resources }: ResourceGraph): string[] {
  const namespaces = new Map<string | undefined, string>();
  for (const resource of resources) {
    const manifest = manifestOf(resource);
    if (manifest?.kind === "Namespace") namespaces.set(manifest.metadata.name, resource.urn);
  }
  return resources.flatMap((resource) => {
    const namespace = namespaces.get(manifestOf(resource)?.metadata.namespace);
    return namespace === undefined || resource.dependencies.includes(namespace) ? [] : [resource.urn];
  });
}

/** Explicit providers of the resource's package; the engine's own ones are no links, since nobody waits for them. */
function providersOf({ type }: Resource, resources: readonly Resource[]): Resource[] {
  const [first = ""] = type.split(":");
  return resources.filter((resource) => resource.type === `pulumi:providers:${first}`);
}

function longestOf(chains: readonly Resource[][]): Resource[] {
  return chains.reduce((longest, chain) => (chain.length > longest.length ? chain : longest), []);
}
