import type { Path } from "./path";

/** A place in a file; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/**
 * A value of the configuration together with where and how it is written. The stack file gives positions; the real
 * engine hands over JSON and gives none. Everything after the two readers works on entries.
 */
export type Entry = ScalarEntry | MapEntry | ListEntry;

interface Written {
  /** Of the key this value belongs to; list items have none. */
  key?: Position;
  /** Of the value. */
  at?: Position;
}

export interface ScalarEntry extends Written {
  kind: "scalar";
  value: string | number | boolean | null;
  /** The text in the file, without quotes. */
  text: string;
  /** Whether it stands in quotes or in a text block, and so is text whatever it looks like. */
  quoted: boolean;
}

export interface MapEntry extends Written {
  kind: "map";
  children: ReadonlyMap<string, Entry>;
}

export interface ListEntry extends Written {
  kind: "list";
  children: readonly Entry[];
}

/** The child under a key or index. */
export function childOf(entry: Entry, step: string | number): Entry | undefined {
  if (entry.kind === "map") return entry.children.get(String(step));
  if (entry.kind === "list" && typeof step === "number") return entry.children[step];
  return undefined;
}

/** The entry at a path; undefined where the path leads to nothing written. */
export function entryAt(root: Entry, path: Path): Entry | undefined {
  let entry: Entry | undefined = root;
  for (const step of path) entry = entry && childOf(entry, step);
  return entry;
}

/** The value an entry stands for, as plain data. */
export function valueOf(entry: Entry): unknown {
  if (entry.kind === "scalar") return entry.value;
  if (entry.kind === "list") return entry.children.map(valueOf);
  // fromEntries defines properties, so that a key `__proto__` stays a key.
  return Object.fromEntries([...entry.children].map(([key, child]) => [key, valueOf(child)]));
}

/** Entries of plain JSON data, without positions. */
export function entryOf(value: unknown): Entry {
  if (Array.isArray(value)) return { kind: "list", children: value.map(entryOf) };
  if (typeof value === "object" && value !== null) {
    return { kind: "map", children: new Map(Object.entries(value).map(([key, child]) => [key, entryOf(child)])) };
  }
  const scalar = value as ScalarEntry["value"];
  return { kind: "scalar", value: scalar, text: String(scalar), quoted: typeof scalar === "string" };
}
