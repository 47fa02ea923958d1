import { hash } from "node:crypto";
import { changed, type Task } from "../../tasks/task";
import type { Document, LogLine } from "../storage";

/** Records of a kind: how many they are, and one checksum of all, whatever their order is. */
export interface Sum {
  count: number;
  sha256: string;
}

/** What a store holds. Of the audit log, the checksum is the hash of its last entry, which follows from all before it. */
export interface Sums {
  tasks: Sum;
  /** Lines that tasks have printed. */
  lines: Sum;
  documents: Sum;
  audit: Sum;
}

/** The same for the same task, in whatever order a storage has its fields. */
export function taskDigest(task: Task): string {
  return digest(JSON.stringify(changed(task, {})));
}

export function documentDigest({ collection, id, revision, value }: Document): string {
  return digest(JSON.stringify([collection, id, revision, value]));
}

/** What a log begins with. */
export const NO_LINES = "";

/** The digest of a log with one line more. */
export function lineDigest(before: string, { at, stream, text }: LogLine): string {
  return digest(`${before} ${JSON.stringify([at, stream, text])}`);
}

function digest(text: string): string {
  // Half of it tells any two records apart, and a million of them must have room.
  return hash("sha256", text, "hex").slice(0, 32);
}

/** Adds up records by their ids. */
export function sumOf(digests: ReadonlyMap<string, string>, count = digests.size): Sum {
  const lines = [...digests].map(([id, one]) => `${id} ${one}\n`).sort();
  return { count, sha256: hash("sha256", lines.join(""), "hex") };
}
