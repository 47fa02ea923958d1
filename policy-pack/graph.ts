import type { PolicyResource } from "@pulumi/policy";
import type { Json, Resource, ResourceGraph } from "../preview/graph";
import { withoutSecrets } from "../preview/secrets";

/** What the engine knows of a resource, as far as policies ask for it. */
export type EngineResource = Pick<PolicyResource, "urn" | "type" | "name" | "props"> & {
  opts: Pick<PolicyResource["opts"], "protect">;
  provider?: unknown;
  parent?: { urn: string } | undefined;
  dependencies: readonly { urn: string }[];
};

/** What stands where only the update will know a value. */
const UNKNOWN = "<unknown>";

/**
 * The graph of what the engine is about to make. The engine hands out secrets as they are: those of Secrets are left out
 * here, and no policy repeats a value. It does not tell `retainOnDelete`.
 */
export function graphOf(resources: readonly EngineResource[]): ResourceGraph {
  const [, , stack = ""] = (resources[0]?.urn ?? "").split(":");
  const [, project = ""] = (resources[0]?.urn ?? "").split("::");
  return { project, stack, resources: resources.map(resourceOf) };
}

function resourceOf({ urn, type, name, props, opts, provider, parent, dependencies }: EngineResource): Resource {
  return {
    urn,
    type,
    name,
    ...(parent && { parent: parent.urn }),
    dependencies: dependencies.map((one) => one.urn),
    custom: provider !== undefined,
    protect: opts.protect,
    retainOnDelete: false,
    inputs: withoutSecrets(known(props) as Record<string, Json>),
  };
}

/** A copy that can be read: the engine's own throws where a value is not known yet. */
function known(value: unknown): Json {
  if (value === null || typeof value !== "object") return (value ?? null) as Json;
  const read = (key: string): Json => {
    try {
      return known((value as Record<string, unknown>)[key]);
    } catch {
      return UNKNOWN;
    }
  };
  const keys = Object.keys(value);
  return Array.isArray(value) ? keys.map(read) : Object.fromEntries(keys.map((key) => [key, read(key)]));
}
