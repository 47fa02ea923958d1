import { manifestOf, type Json, type Resource, type ResourceGraph } from "./graph";
import { toYamlText } from "./yaml-text";
import { UserError } from "../stacks/errors";

/** Rendered files by their path relative to the folder: `noetl/deployment-noetl-server-rust.yaml` → YAML text. */
export type RenderedFiles = ReadonlyMap<string, string>;

/** How each rendered file begins: the URN says which component owns the object, and its change means a replacement. */
export const HEADER = "# urn:pulumi:";

/**
 * One YAML file for each resource that a provider makes, sorted by path.
 *
 * @throws UserError when two resources would be the same file, which means the same object in the cluster.
 */
export function renderedFiles(graph: ResourceGraph): Map<string, string> {
  const resources = new Map<string, { path: string; resource: Resource }>();
  for (const resource of graph.resources) {
    if (!isRendered(resource)) continue;
    const path = renderedPath(resource);
    // Some file systems do not tell case.
    const key = path.toLowerCase();
    const other = resources.get(key);
    if (other) {
      throw new UserError(
        `two resources are the same object (${path}): ${other.resource.urn} and ${resource.urn}; give one of them another name`,
      );
    }
    resources.set(key, { path, resource });
  }
  const sorted = [...resources.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return new Map(sorted.map(({ path, resource }) => [path, renderedText(resource)]));
}

/** Whether a resource has a file: components are only structure, and providers are not part of the platform. */
export function isRendered(resource: Resource): boolean {
  return resource.custom && !resource.type.startsWith("pulumi:");
}

/**
 * `NAMESPACE/KIND-NAME.yaml` for a Kubernetes object, with `cluster` for those without a namespace;
 * `PACKAGE/TYPE-NAME.yaml` for others, the type after its module (`gcp/sql-databaseinstance-noetl.yaml`).
 */
export function renderedPath(resource: Resource): string {
  const manifest = manifestOf(resource);
  if (manifest) {
    const { namespace, name } = manifest.metadata;
    return `${safe(namespace ?? "cluster")}/${safe(`${manifest.kind.toLowerCase()}-${name}`)}.yaml`;
  }
  const [provider = "", module = "", type = ""] = resource.type.split(":");
  const area = module.split("/")[0] ?? "";
  const prefix = area === "index" || area === "" ? "" : `${area}-`;
  return `${safe(provider)}/${safe(`${prefix}${type}`.toLowerCase() + `-${resource.name}`)}.yaml`;
}

/** The text of one file: what Pulumi knows of the resource as comments, then the manifest. */
function renderedText(resource: Resource): string {
  const header = [
    `# ${resource.urn}`,
    ...(resource.protect ? ["# protect: true"] : []),
    ...(resource.retainOnDelete ? ["# retainOnDelete: true"] : []),
  ];
  return `${header.join("\n")}\n${toYamlText(bodyOf(resource))}`;
}

/** The Kubernetes object, or type, name and inputs of anything else. */
export function bodyOf(resource: Resource): Json {
  if (manifestOf(resource)) return resource.inputs;
  return { type: resource.type, name: resource.name, inputs: resource.inputs };
}

function safe(part: string): string {
  return part.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\./, "_");
}
