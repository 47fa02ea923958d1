import { isAlias, isCollection, isMap, isNode, isScalar, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { childOf, columnOf, endOfLines, nodeAt, pairOf, rangeOf } from "./edit-nodes";
import type { Path } from "./path";

/** What a setting is taken out of, once every group that would be empty goes with it. */
interface Target {
  group: YAMLMap | YAMLSeq;
  step: string | number;
}

/**
 * The text without what stands at a path; the text as it is when nothing does.
 *
 * @returns undefined where it cannot be taken out without touching others
 */
export function removed(text: string, root: Node | null, path: Path): string | undefined {
  if (nodeAt(root, path) === null) return text;
  const target = targetOf(root, path);
  if (target === undefined) return undefined;
  const { group, step } = target;
  const [start, end] = extentOf(group, step);
  if (group.flow === true) return withoutMember(text, group, start, end);
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const before = text.slice(lineStart, start);
  // An item of a list stands behind its dash; the first key of an item shares a line with it.
  if (!(isMap(group) ? /^ *$/ : /^ *- *$/).test(before)) return undefined;
  const last = isMap(group) ? (pairOf(group, step)?.value ?? pairOf(group, step)?.key) : childOf(group, step);
  const after = endOfLines(text, last as Node);
  const note = noteAbove(text, lineStart, columnOf(text, start));
  return text.slice(0, note) + text.slice(after);
}

/** The data without what stands at a path, and without groups that are empty then. */
export function withoutPath(value: unknown, [step = "", ...rest]: Path): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    const inner = rest.length === 0 ? undefined : without(items[Number(step)], rest);
    return items.flatMap((item, index) => (index !== step ? [item] : inner === undefined ? [] : [inner]));
  }
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return value;
  const { [step]: old, ...others } = value as Record<string, unknown>;
  const inner = rest.length === 0 ? undefined : without(old, rest);
  if (inner === undefined) return others;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, key === step ? inner : child]));
}

/** Undefined for a group that is empty only now. */
function without(value: unknown, path: Path): unknown {
  const inner = withoutPath(value, path);
  const isEmpty = typeof inner === "object" && inner !== null && Object.keys(inner).length === 0;
  return isEmpty && value !== inner ? undefined : inner;
}

function targetOf(root: Node | null, path: Path): Target | undefined {
  for (let length = path.length; length > 0; length--) {
    const group = nodeAt(root, path.slice(0, length - 1));
    const step = path[length - 1] ?? "";
    if (!isCollection(group) || isShared(group) || isShared(childOf(group, step))) return undefined;
    if (group.items.length > 1 || length === 2) return { group: group, step };
  }
  return undefined;
}

/** Whether others say the same by an alias. */
function isShared(node: Node | undefined): boolean {
  return isAlias(node) || ((isScalar(node) || isCollection(node)) && node.anchor !== undefined);
}

/** From the begin of the key, or of the item, to the end of the value. */
function extentOf(group: YAMLMap | YAMLSeq, step: string | number): [number, number] {
  const pair = isMap(group) ? pairOf(group, step) : undefined;
  const parts = pair ? [pair.key, pair.value] : [childOf(group, step)];
  const ranges = parts.filter(isNode).map(rangeOf);
  return [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0];
}

/** Takes a member from between brackets, with one of the commas beside it. */
function withoutMember(text: string, group: YAMLMap | YAMLSeq, start: number, end: number): string {
  const comma = /^\s*,[ \t]*/.exec(text.slice(end));
  if (comma) return text.slice(0, start) + text.slice(end + comma[0].length);
  const head = text.slice(0, start).replace(/,?[ \t]*$/, "");
  const space = isMap(group) && group.items.length > 1 ? " " : "";
  return head + space + text.slice(end).trimStart();
}

/** The begin of the line that a command has put above the setting, else of its own line. */
function noteAbove(text: string, lineStart: number, column: number): number {
  const above = text.lastIndexOf("\n", lineStart - 2) + 1;
  const isNote = lineStart > 0 && text.slice(above, lineStart).startsWith(`${" ".repeat(column)}# noetl-ops: `);
  return isNote ? above : lineStart;
}
