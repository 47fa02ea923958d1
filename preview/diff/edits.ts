import { isDeepStrictEqual } from "node:util";
import { valueOf } from "../../stacks/config/entry";
import { formatPath } from "../../stacks/config/path";
import { parseYaml } from "../../stacks/config/yaml-text";
import type { Json } from "../graph";
import { isObject, listOf, type JsonObject } from "../json";

/** A key, or an item of a list by its name and where it stands in the file that has it. */
type Step = string | { name: string; index: number };

/** One setting that two stack files have differently; on a side that lacks it, the value is undefined. */
export interface Edit {
  steps: readonly Step[];
  before: Json | undefined;
  after: Json | undefined;
}

/** Edits that are told as one. */
export interface EditGroup {
  /** As people write it: `noetl:workerPools[1].replicas`, `noetl:server`. */
  key: string;
  edits: Edit[];
}

/** The settings of a stack file, as written: without defaults, secrets encrypted. */
export function settingsOf(text: string, file: string): JsonObject {
  const root = valueOf(parseYaml(text, file).root) as Json;
  const config = isObject(root) ? root.config : undefined;
  return isObject(config) ? config : {};
}

/** A stack file with these settings: JSON is YAML. */
export function settingsText(settings: JsonObject): string {
  return JSON.stringify({ config: settings });
}

/**
 * The settings that two stack files have differently, each as deep as possible; items of lists are matched by name where
 * all have one and the order of common ones is the same.
 */
export function editsBetween(before: JsonObject, after: JsonObject): Edit[] {
  return compare(before, after, []);
}

function compare(before: Json | undefined, after: Json | undefined, steps: readonly Step[]): Edit[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isGroup(before) && isGroup(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => compare(before[key], after[key], [...steps, key]));
  }
  const old = namedItems(before);
  const now = namedItems(after);
  if (!old || !now || isReordered([...old.keys()], [...now.keys()])) return [{ steps, before, after }];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const index = [...(now.has(name) ? now : old).keys()].indexOf(name);
    return compare(old.get(name), now.get(name), [...steps, { name, index }]);
  });
}

/** An encrypted value is one value, not a group. */
function isGroup(value: Json | undefined): value is JsonObject {
  return isObject(value) && !("secure" in value);
}

function namedItems(value: Json | undefined): Map<string, JsonObject> | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = new Map<string, JsonObject>();
  for (const item of value) {
    if (!isObject(item) || typeof item.name !== "string" || items.has(item.name)) return undefined;
    items.set(item.name, item);
  }
  return items;
}

function isReordered(old: string[], now: string[]): boolean {
  const common = now.filter((name) => old.includes(name));
  return old.filter((name) => now.includes(name)).some((name, index) => common[index] !== name);
}

/** Settings with one of the sides of each edit in place. */
export function withEdits(settings: JsonObject, edits: readonly Edit[], side: "before" | "after"): JsonObject {
  return edits.reduce<Json>((value, edit) => put(value, edit.steps, edit[side]) ?? {}, settings) as JsonObject;
}

function put(value: Json | undefined, [step, ...rest]: readonly Step[], wanted: Json | undefined): Json | undefined {
  if (step === undefined) return wanted;
  if (typeof step === "string") {
    const group = isObject(value) ? value : {};
    const child = put(group[step], rest, wanted);
    const others = Object.entries(group).filter(([key]) => key !== step);
    return Object.fromEntries(child === undefined ? others : [...others, [step, child]]);
  }
  const list = listOf(value);
  const index = list.findIndex((item) => isObject(item) && item.name === step.name);
  const child = put(list[index], rest, wanted);
  const added = child === undefined ? [] : [child];
  if (index < 0) return [...list.slice(0, step.index), ...added, ...list.slice(step.index)];
  return [...list.slice(0, index), ...added, ...list.slice(index + 1)];
}

/** Edits by the longest common beginnings of their keys that make at most so many groups. */
export function grouped(edits: readonly Edit[], most: number): EditGroup[] {
  for (let depth = Math.max(0, ...edits.map(({ steps }) => steps.length)); depth > 0; depth--) {
    const groups = new Map<string, Edit[]>();
    for (const edit of edits) {
      const key = keyText(edit.steps.slice(0, depth));
      groups.set(key, [...(groups.get(key) ?? []), edit]);
    }
    if (groups.size <= most || depth === 1) return [...groups].map(([key, members]) => ({ key, edits: members }));
  }
  return [];
}

function keyText(steps: readonly Step[]): string {
  return formatPath(steps.map((step) => (typeof step === "string" ? step : step.index)));
}

/** Keys of encrypted values that two stack files have differently. */
export function encryptedEdits(before: string, after: string): string[] {
  return editsBetween(settingsOf(before, ""), settingsOf(after, ""))
    .filter((edit) => [edit.before, edit.after].every((value) => isObject(value) && "secure" in value))
    .map(({ steps }) => keyText(steps));
}
