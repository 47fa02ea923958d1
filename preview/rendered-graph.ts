import { firstLine } from "../stacks/errors";
import type { Json, Resource, ResourceGraph } from "./graph";
import { isObject } from "./json";
import { HEADER, isRendered, renderedFiles, renderedPath, type RenderedFiles } from "./manifests";

/** A render as it was read back from its files. */
export interface FormerRender {
  /** What the files say of the resources; components and dependencies are not in them. */
  graph: ResourceGraph;
  /** Files that hold no manifest any more: an unresolved merge, say. */
  unreadable: { path: string; reason: string }[];
}

/**
 * Reads rendered files back as the resources they were made of. Files whose text is the same as today's are not parsed,
 * so that an unchanged render costs next to nothing.
 *
 * @param today What the program makes now.
 */
export async function formerRender(files: RenderedFiles, today: ResourceGraph): Promise<FormerRender> {
  const now = renderedFiles(today);
  const resources = new Map(today.resources.filter(isRendered).map((resource) => [renderedPath(resource), resource]));
  const former: FormerRender = { graph: { ...today, resources: [] }, unreadable: [] };
  for (const [path, text] of files) {
    const same = now.get(path) === text ? resources.get(path) : undefined;
    try {
      former.graph.resources.push(same ?? (await resourceOf(text)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      former.unreadable.push({ path, reason: firstLine(message) });
    }
  }
  return former;
}

async function resourceOf(text: string): Promise<Resource> {
  const { parse } = await import("yaml");
  const [first = "", ...rest] = text.split(/\r?\n/, 8);
  const urn = first.slice(HEADER.indexOf("urn:"));
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.slice(types.lastIndexOf("$") + 1);
  const body = parse(text) as Json;
  // A manifest stands as it is; anything else, a Helm release of the Kubernetes provider, too, has its inputs below a key.
  const inputs = isObject(body) && body.apiVersion === undefined ? body.inputs : body;
  if (!isObject(inputs)) throw new Error("it holds no resource");
  return {
    urn,
    type,
    name,
    dependencies: [],
    custom: true,
    protect: rest.includes("# protect: true"),
    retainOnDelete: rest.includes("# retainOnDelete: true"),
    inputs,
  };
}
