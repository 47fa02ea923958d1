import { isDeepStrictEqual } from "node:util";
import { isAlias, isCollection, isMap, isScalar, isSeq, parseDocument, stringify, type Node } from "yaml";
import type { YAMLMap, YAMLSeq } from "yaml";
import { UserError } from "../errors";
import { childOf, columnOf, endOfLines, keyOf, lineBreakOf, lineEnd, nodeAt, rangeOf, type Place } from "./edit-nodes";
import { removed, withoutPath } from "./edit-remove";
import { valueOf } from "./entry";
import { formatPath, type Path } from "./path";
import { parseYaml } from "./yaml-text";

/** What a setting may be set to; groups and lists are written on one line. */
export type EditValue = string | number | boolean | EditValue[] | { [key: string]: EditValue };

/** One change of a stack file. */
export type Edit =
  | {
      kind: "set";
      /** The setting, beginning with its key: `["noetl:server", "flip"]`. Groups that are missing are made. */
      path: Path;
      value: EditValue;
      /** A line above the setting that tells why. It takes the place of an earlier one of this kind. */
      note?: string;
    }
  /** Adds to a list, which is made when it is missing, unless the list has the value. */
  | { kind: "append"; path: Path; value: string | number | boolean }
  /** Takes a setting or an item of a list away, with the comments in it, and every group that is empty then. */
  | { kind: "remove"; path: Path };

/** An edit that writes a value. */
type Writing = Exclude<Edit, { kind: "remove" }>;

/** What a line that {@link Edit} puts above a setting begins with. */
const NOTE = "# noetl-ops: ";

/**
 * Changes settings in the text of a stack file and leaves every other byte as it is: comments, order, quotes, blank lines.
 *
 * @param text The file's text.
 * @param file Its name, for messages.
 * @throws ConfigError when the text is no YAML; UserError when a setting cannot be changed without touching others, as
 * where it comes from an alias.
 */
export function editStackText(text: string, file: string, edits: readonly Edit[]): string {
  return edits.reduce((before, edit) => {
    const after = editOnce(before, file, edit);
    // Whatever the text looks like: the file says what was asked for and nothing else, or it is left alone.
    if (!isDeepStrictEqual(dataOf(after, file), edited(dataOf(before, file), edit))) throw byHand(file, edit);
    return after;
  }, text);
}

function dataOf(text: string, file: string): unknown {
  return valueOf(parseYaml(text, file).root);
}

function editOnce(text: string, file: string, edit: Edit): string {
  const document = parseDocument(text, { version: "1.2", merge: true, uniqueKeys: false, prettyErrors: false });
  if (edit.kind === "remove") {
    const without = removed(text, document.contents, ["config", ...edit.path]);
    if (without === undefined) throw byHand(file, edit);
    return without;
  }
  const steps = ["config", ...edit.path];
  let node: Node | null = document.contents;
  for (const [depth, step] of steps.entries()) {
    const child = childOf(node, step);
    if (isAlias(child) || (isScalar(child) && child.anchor !== undefined)) throw byHand(file, edit);
    if (child === undefined && (!isMap(node) || typeof step === "number")) throw byHand(file, edit);
    if (child === undefined || (isNothing(child) && depth < steps.length - 1)) {
      const group = child === undefined ? node : keyOf(node, step);
      return insert(text, group, steps.slice(child === undefined ? depth : depth + 1), edit, steps.slice(0, depth));
    }
    node = child;
  }
  const [key] = steps.slice(-1);
  const parent = nodeAt(document.contents, steps.slice(0, -1));
  if (edit.kind === "append" && node !== null) return append(text, node, parent, edit, key ?? "");
  if (edit.kind === "append" || !(isScalar(node) || (isCollection(node) && node.flow === true)))
    throw byHand(file, edit);
  return replace(text, node, keyOf(parent, key ?? ""), edit);
}

function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source !== "null" && node.source !== "~";
}

/** Puts a value in the place of another, and its note above the key. */
function replace(text: string, node: Node, key: Node | null, edit: Writing & { kind: "set" }): string {
  const [start, end] = rangeOf(node);
  const blank = start === end && text[start - 1] === ":" ? " " : "";
  const replaced = text.slice(0, start) + blank + scalarText(edit.value) + text.slice(end);
  return key === null ? replaced : annotated(replaced, rangeOf(key)[0], edit.note);
}

/** Takes an earlier note of the line of an offset away, and puts another above it. */
function annotated(text: string, offset: number, note: string | undefined): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? "";
  // A key behind a dash or a brace has no line of its own.
  if (text.slice(start + indent.length, offset) !== "") return text;
  const above = text.lastIndexOf("\n", start - 2) + 1;
  const before = text.slice(above, start).trim().startsWith(NOTE) ? above : start;
  const line = note === undefined ? "" : `${indent}${NOTE}${note}${lineBreakOf(text)}`;
  return text.slice(0, before) + line + text.slice(start);
}

function append(text: string, list: Node, parent: Place, edit: Writing, key: string | number): string {
  if (isNothing(list)) return insert(text, keyOf(parent, key), [], edit, []);
  if (!isSeq(list)) return text;
  if (list.items.some((item) => isScalar(item) && item.value === edit.value)) return text;
  return list.flow === true ? intoBrackets(text, list, scalarText(edit.value)) : addItem(text, list, edit.value);
}

function addItem(text: string, list: YAMLSeq, value: EditValue): string {
  const at = endOfLines(text, list);
  return addLines(text, at, [`${" ".repeat(columnOf(text, rangeOf(list)[0]))}- ${scalarText(value)}`]);
}

/**
 * Makes what is missing.
 *
 * @param place The map that lacks the first of the keys, or the key of a group that is empty.
 * @param missing Keys to make, from the outside in.
 * @param above Keys that are there.
 */
function insert(text: string, place: Place, missing: Path, edit: Writing, above: Path): string {
  if (isMap(place) && place.flow === true) return intoBrackets(text, place, flowText(missing, edit));
  if (isMap(place)) {
    const lines = blockLines(missing, edit, columnOf(text, rangeOf(place)[0]));
    // Sections of a stack file stand apart.
    const parted = above.length === 1 && /\n\r?\n/.test(text);
    return addLines(text, endOfLines(text, place), parted ? ["", ...lines] : lines);
  }
  if (!isScalar(place)) return text;
  const [start, end] = rangeOf(place);
  return addLines(text, lineEnd(text, end), blockLines(missing, edit, columnOf(text, start) + 2));
}

/** Lines of nested keys, the value at the innermost one. */
function blockLines(keys: Path, edit: Writing, column: number): string[] {
  const indent = (depth: number): string => " ".repeat(column + 2 * depth);
  if (keys.length === 0) return [`${indent(0)}- ${scalarText(edit.value)}`];
  return keys.flatMap((key, depth) => {
    const head = `${indent(depth)}${scalarText(String(key))}:`;
    if (depth < keys.length - 1) return [head];
    if (edit.kind === "append") return [head, `${indent(depth + 1)}- ${scalarText(edit.value)}`];
    const note = edit.note === undefined ? [] : [`${indent(depth)}${NOTE}${edit.note}`];
    return [...note, `${head} ${scalarText(edit.value)}`];
  });
}

function flowText(keys: Path, edit: Writing): string {
  const value = edit.kind === "append" ? `[${scalarText(edit.value)}]` : scalarText(edit.value);
  return keys.reduceRight<string>((inner, key, depth) => {
    const pair = `${scalarText(String(key))}: ${inner}`;
    return depth === 0 ? pair : `{ ${pair} }`;
  }, value);
}

function intoBrackets(text: string, node: YAMLMap | YAMLSeq, inner: string): string {
  const close = rangeOf(node)[1] - 1;
  const before = text.slice(0, close).trimEnd();
  const space = isMap(node) ? " " : "";
  const comma = before.endsWith(",") ? " " : node.items.length === 0 ? space : ", ";
  return `${before}${comma}${inner}${space}${text.slice(close)}`;
}

function addLines(text: string, at: number, lines: string[]): string {
  const lineBreak = lineBreakOf(text);
  const head = text.slice(0, at);
  const added = lines.map((line) => line + lineBreak).join("");
  return (head === "" || head.endsWith("\n") ? head : head + lineBreak) + added + text.slice(at);
}

/** In quotes also what YAML 1.1 takes for something else, such as `on`: other tools read these files, too. */
function scalarText(value: EditValue): string {
  return stringify(value, {
    ...{ version: "1.1", lineWidth: 0, blockQuote: false, defaultStringType: "PLAIN" },
    collectionStyle: "flow",
  }).trimEnd();
}

/** What the file must say afterwards. */
function edited(root: unknown, edit: Edit): unknown {
  if (edit.kind === "remove") return withoutPath(root, ["config", ...edit.path]);
  return changed(root, ["config", ...edit.path], (old) => {
    if (edit.kind === "set") return edit.value;
    const list: unknown[] = Array.isArray(old) ? old : [];
    return list.includes(edit.value) ? list : [...list, edit.value];
  });
}

function changed(value: unknown, [step, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? changed(item, rest, change) : item));
  }
  const group = (value ?? {}) as Record<string, unknown>;
  return { ...group, [step]: changed(group[step], rest, change) };
}

function byHand(file: string, edit: Edit): UserError {
  const path = formatPath(edit.path);
  const what = {
    set: `set ${path} to`,
    append: `add to ${path}`,
    remove: `remove ${path}`,
  }[edit.kind];
  const value = edit.kind === "remove" ? "" : ` ${scalarText(edit.value)}`;
  return new UserError(
    `${file}: ${path} cannot be changed without touching what else the file says\nnext: ${what}${value} by hand`,
  );
}
