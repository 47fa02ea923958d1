import { join } from "node:path";
import type { TaskHead } from "../../tasks/task";
import type { Document } from "../storage";
import type { OpenFile } from "./files";

/** One file of the log. */
export interface Segment {
  /** From 1, in the order of writing. */
  readonly number: number;
  /** Undefined until its first byte is written. */
  file: OpenFile | undefined;
  /** Bytes that are written or about to be. */
  end: number;
  /** Bytes that survive a power loss. */
  durable: number;
  /** Bytes of records that are still the last word on their subject. */
  live: number;
  /** Tasks and documents that it says something of, while it is the last one. */
  touched: { tasks: Set<string>; documents: Map<string, DocumentName> };
  /** The last word on each of them, from when nothing more comes into it until its heads are written. */
  puts: Put[] | undefined;
}

/** A segment, of which a file may be there. */
export function newSegment(number: number, file?: OpenFile): Segment {
  const end = file?.size ?? 0;
  const touched = { tasks: new Set<string>(), documents: new Map<string, DocumentName>() };
  return { number, file, end, durable: end, live: 0, touched, puts: undefined };
}

export interface DocumentName {
  collection: string;
  id: string;
}

/** Where a record stands. */
export interface Place {
  segment: Segment;
  offset: number;
  length: number;
}

/** A task's last record. */
export interface Row extends Place {
  head: TaskHead;
  /** Where it says only what has changed: the records before it, from the one that says the whole task. */
  earlier: readonly Place[];
}

/** Before a record that says the whole task. */
export const NONE: readonly Place[] = [];

/** All records of a task, in order. */
export function placesOf({ segment, offset, length, earlier }: Row): Place[] {
  return [...earlier, { segment, offset, length }];
}

/** A document's last record. */
export interface DocumentRow extends Place {
  document: Document;
}

/** A task or a document that is no more. */
export interface Removal {
  removed: { task: string } | DocumentName;
}

export type Put = Row | DocumentRow | Removal;

/** The first letter of a record's line; JSON follows it. */
export const RECORD = { task: "T", change: "C", document: "S", removal: "D", audit: "A" } as const;

/** File names of a segment, in the folder of the log. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(9, "0")}.log`);
}

export function headsPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(9, "0")}.heads`);
}

/** Numbers of the segments among the names of a folder, in order. */
export function segmentNumbers(names: readonly string[]): number[] {
  return numbersOf(names, /^\d{9}\.log$/);
}

/** Numbers of the segments that have heads, in order. */
export function headsNumbers(names: readonly string[]): number[] {
  return numbersOf(names, /^\d{9}\.heads$/);
}

function numbersOf(names: readonly string[], form: RegExp): number[] {
  return names.flatMap((name) => (form.test(name) ? [Number(name.slice(0, 9))] : [])).sort((a, b) => a - b);
}
