import { firstLine } from "../stacks/errors";
import { fieldChanges, type FieldChange } from "./field-changes";
import type { Json } from "./graph";
import type { RenderedFiles } from "./manifests";

/** A resource on one side or both. */
export interface ResourceChange {
  /** File of the resource below the rendered folder. */
  path: string;
  /** Kubernetes kind, or type token of another provider. */
  kind: string;
  /** `NAMESPACE/NAME`, or the name alone. */
  name: string;
}

/** How two renders of a stack differ; every list is sorted by path. */
export interface Difference {
  added: ResourceChange[];
  removed: ResourceChange[];
  changed: (ResourceChange & { fields: FieldChange[] })[];
  /** Resources that mean the same on both sides. */
  same: number;
}

/**
 * Compares two renders. Texts are compared first, and only files that differ are read, so a comparison of equal renders
 * costs next to nothing. A file that differs only in how it is written counts as the same.
 */
export async function difference(before: RenderedFiles, after: RenderedFiles): Promise<Difference> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const result: Difference = { added: [], removed: [], changed: [], same: 0 };
  for (const path of paths) {
    const old = before.get(path);
    const now = after.get(path);
    if (old === undefined && now !== undefined) result.added.push(describe(path, now));
    else if (now === undefined && old !== undefined) result.removed.push(describe(path, old));
    else if (old === now || old === undefined || now === undefined) result.same++;
    else {
      const fields = await textChanges(old, now);
      if (fields.length === 0) result.same++;
      else result.changed.push({ ...describe(path, now), fields });
    }
  }
  return result;
}

/** Whether two renders mean the same. */
export function isSame({ added, removed, changed }: Difference): boolean {
  return added.length + removed.length + changed.length === 0;
}

async function textChanges(old: string, now: string): Promise<FieldChange[]> {
  const { parse } = await import("yaml");
  const after = parse(now) as Json;
  let before: Json;
  try {
    before = parse(old) as Json;
  } catch (error) {
    // An unresolved merge, say. A preview shows it; it is no reason to fail.
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    return [{ path: "(the whole file)", before: `unreadable: ${reason}`, after: "as rendered" }];
  }
  return [...fieldChanges(header(old), header(now)), ...fieldChanges(before, after)];
}

/** What the comments above a manifest say: the URN and Pulumi's options. */
function header(text: string): Json {
  const facts: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (!line.startsWith("# ")) break;
    const [, key, value] = /^# (urn|\w+): ?(.*?)\r?$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) facts[key] = key === "urn" ? `urn:${value}` : value;
  }
  return facts;
}

/** Kind and name of a rendered file without reading all of it: both stand at fixed places near its top. */
function describe(path: string, text: string): ResourceChange {
  const value = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]?.replace(/^"(.*)"$/, "$1");
  const namespace = value(/^metadata:\r?\n {2}name: .*\r?\n {2}namespace: (.*?)\r?$/m);
  const name = value(/^metadata:\r?\n {2}name: (.*?)\r?$/m) ?? value(/^name: (.*?)\r?$/m) ?? path;
  return {
    path,
    kind: value(/^kind: (.*?)\r?$/m) ?? value(/^type: (.*?)\r?$/m) ?? "file",
    name: namespace === undefined ? name : `${namespace}/${name}`,
  };
}
