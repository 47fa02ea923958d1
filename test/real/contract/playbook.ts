import { parse } from "yaml";
import { HttpError } from "./http";
import { objectIn, textIn, valueAt, type JsonObject } from "./json";

/** A step of a playbook, as far as this server reads them. */
export interface Step {
  name: string;
  tool: JsonObject & { kind: string };
  /** Steps that come after it. */
  next: string[];
}

/** A playbook. */
export interface Playbook {
  path: string;
  workload: JsonObject;
  steps: ReadonlyMap<string, Step>;
  first: Step;
}

/** Reads a playbook. @throws HttpError 400 when it is none */
export function parsePlaybook(content: string): Playbook {
  const document = objectIn(yamlIn(content));
  const path = textIn(valueAt(document, "metadata.path"));
  if (path === undefined) throw new HttpError(400, "a playbook needs metadata.path");
  const workflow = Array.isArray(document.workflow) ? document.workflow : [];
  const steps = new Map(
    workflow.map(objectIn).map((step) => {
      const [name, tool] = [textIn(step.step), objectIn(step.tool)];
      const kind = textIn(tool.kind);
      if (name === undefined || kind === undefined) throw new HttpError(400, "a step needs a name and tool.kind");
      return [name, { name, tool: { ...tool, kind }, next: nextOf(step.next) }] as const;
    }),
  );
  const [first] = steps.values();
  if (first === undefined) throw new HttpError(400, "a playbook needs at least one step");
  const unknown = [...steps.values()].flatMap(({ next }) => next).find((name) => !steps.has(name));
  if (unknown !== undefined) throw new HttpError(400, `no step ${unknown}`);
  return { path, workload: objectIn(document.workload), steps, first };
}

function yamlIn(content: string): unknown {
  try {
    return parse(content) as unknown;
  } catch (error) {
    throw new HttpError(400, `not YAML: ${(error as Error).message}`);
  }
}

/** `next: { arcs: [{ step }] }`, or a list of `{ step }`. */
function nextOf(next: unknown): string[] {
  const arcs = Array.isArray(next) ? next : objectIn(next).arcs;
  return Array.isArray(arcs) ? arcs.flatMap((arc) => textIn(objectIn(arc).step) ?? []) : [];
}

/**
 * Puts values in the place of `{{ path }}`, or of the first path of `{{ path or path }}` that leads to one.
 *
 * @param scope results of steps by name, and `workload`; `steps.NAME.result.X`, `NAME.result.X` and `NAME.X` are the same
 */
export function render(value: unknown, scope: JsonObject): unknown {
  if (Array.isArray(value)) return value.map((each) => render(each, scope));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, render(part, scope)]));
  }
  if (typeof value !== "string") return value;
  return value.replaceAll(/\{\{\s*([\w.]+(?:\s+or\s+[\w.]+)*)\s*\}\}/g, (_, paths: string) => {
    const found = paths
      .split(/\s+or\s+/)
      .map((path) => valueAt(scope, path.replace(/^steps\./, "").replace(/^(\w+)\.result\./, "$1.")));
    return textIn(found.find((each) => textIn(each) !== undefined)) ?? "";
  });
}
