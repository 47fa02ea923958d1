import type { Resource, ResourceGraph } from "../../preview/graph";
import { PermanentError } from "../tasks/errors";

/** The layers of the platform, each with the types of its components. */
export const LAYERS = {
  "cert-manager": /^noetl:tls:CertManager/,
  "firestore-agent": /^noetl:mcp:Firestore/,
  gateway: /^noetl:(noetl:Gateway|gcp:GatewayIngress)$/,
  keda: /^noetl:scaling:/,
  monitoring: /^noetl:monitoring:/,
  namespaces: /^noetl:kubernetes:Namespaces$/,
  nats: /^noetl:nats:/,
  network: /^noetl:(network:NetworkPolicies|gcp:GcpNetwork)$/,
  "ollama-bridge": /^noetl:mcp:OllamaBridge$/,
  orchestrator: /^noetl:orchestrator:/,
  postgres: /^noetl:(database:|gcp:CloudSql)/,
  registry: /^noetl:gcp:Registry$/,
  secrets: /^noetl:(secrets:|noetl:RuntimeSecrets$)/,
  server: /^noetl:noetl:(Noetl|Python)Server$/,
  subscriptions: /^noetl:noetl:SubscriptionRuntime$/,
  tls: /^noetl:tls:/,
  workers: /^noetl:noetl:(System)?WorkerPool$/,
} as const satisfies Record<string, RegExp>;
export type Layer = keyof typeof LAYERS;
export const LAYER_NAMES = Object.keys(LAYERS).sort() as [Layer, ...Layer[]];

/**
 * What a layer asks while it runs. Pulumi does not know of it: objects are made side by side, and find each other by
 * names that never change.
 */
const ASKS: Partial<Record<Layer, readonly Layer[]>> = {
  "firestore-agent": ["nats"],
  gateway: ["server"],
  keda: ["nats"],
  server: ["nats", "postgres"],
  subscriptions: ["nats", "server"],
  workers: ["nats", "server"],
};

export const COMPUTE = ["gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"];

/** What of a stack a task is about. `dependents`: what needs it is destroyed with it. */
export type Scope =
  { all: true } | { layer: Layer; dependents?: boolean } | { servers: readonly string[]; dependents?: boolean };

/**
 * URNs of the resources that a task is about, with all that they need; undefined: the whole stack.
 *
 * @throws PermanentError `layer-missing`, `servers-missing`, `server-unknown`
 */
export function scopeUrns(graph: ResourceGraph, scope: Scope): ReadonlySet<string> | undefined {
  if ("all" in scope) return undefined;
  return withNeeds(graph, "layer" in scope ? ofLayers(graph, scope.layer) : servers(graph, scope.servers));
}

/** The layers that cannot work without one, in alphabetical order; without itself. */
export function layersThatAsk(layer: Layer): Layer[] {
  return LAYER_NAMES.filter((name) => name !== layer && askedBy(name).has(layer));
}

/** A layer, and all that it asks. */
function askedBy(layer: Layer): ReadonlySet<Layer> {
  const layers = new Set([layer]);
  // Grows while it is read.
  for (const one of layers) for (const asked of ASKS[one] ?? []) layers.add(asked);
  return layers;
}

/** Whether a resource that is no longer there was of a layer: the types above it stand in its URN. */
export function wasInside(urn: string, scope: Scope): boolean {
  if (!("layer" in scope)) return false;
  const [, , types = ""] = urn.split("::");
  return types.split("$").some((type) => LAYERS[scope.layer].test(type));
}

function ofLayers(graph: ResourceGraph, layer: Layer): Resource[] {
  const own = graph.resources.filter(({ type }) => LAYERS[layer].test(type));
  const asked = [...askedBy(layer)];
  const found = graph.resources.filter(({ type }) => asked.some((name) => LAYERS[name].test(type)));
  if (own.length > 0) return withChildren(graph, found);
  const there = LAYER_NAMES.filter((name) => graph.resources.some(({ type }) => LAYERS[name].test(type)));
  throw new PermanentError("layer-missing", `stack ${graph.stack} has no ${layer}; it has: ${there.join(", ")}`);
}

function servers(graph: ResourceGraph, names: readonly string[]): Resource[] {
  const compute = graph.resources.filter(({ type }) => COMPUTE.includes(type));
  if (compute.length === 0) {
    throw new PermanentError(
      "servers-missing",
      `stack ${graph.stack} has neither clusters nor node pools: those are in stacks whose noetl:gcp.layer is infrastructure`,
    );
  }
  if (names.length === 0) return compute;
  const unknown = names.filter((name) => !compute.some((resource) => isCalled(resource, name)));
  if (unknown.length === 0) return compute.filter((one) => names.some((name) => isCalled(one, name)));
  const known = compute.map(calledOf).join(", ");
  throw new PermanentError("server-unknown", `stack ${graph.stack} has no ${unknown.join(", ")}; it has: ${known}`);
}

function calledOf({ name, inputs }: Resource): string {
  return typeof inputs.name === "string" ? inputs.name : name;
}

function isCalled(resource: Resource, name: string): boolean {
  return calledOf(resource) === name || resource.name === name;
}

function withChildren({ resources }: ResourceGraph, found: readonly Resource[]): Resource[] {
  const inside = new Set(found.map(({ urn }) => urn));
  // Parents are registered before their children.
  for (const { urn, parent } of resources) if (parent !== undefined && inside.has(parent)) inside.add(urn);
  return resources.filter(({ urn }) => inside.has(urn));
}

function withNeeds({ resources }: ResourceGraph, found: readonly Resource[]): ReadonlySet<string> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const urns = new Set<string>();
  const open = found.map(({ urn }) => urn);
  for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
    const resource = byUrn.get(urn);
    if (!resource || urns.has(urn)) continue;
    urns.add(urn);
    open.push(...resource.dependencies, ...(resource.parent === undefined ? [] : [resource.parent]));
  }
  return urns;
}
