import { hash } from "node:crypto";
import type { TaskState } from "../tasks/states";

/** What is noted of everything that was done: who, what, when, why. Never a secret. */
export interface AuditNote {
  /** Milliseconds since 1970. */
  at: number;
  by: string;
  /** What was done, as `task.submitted`, `task.approved`, `queue.paused`. */
  action: string;
  task?: string;
  from?: TaskState | null;
  to?: TaskState;
  why?: string;
}

/** A note in its place in the chain. */
export interface AuditEntry extends AuditNote {
  /** From 1, without a gap. */
  n: number;
  /** SHA-256 of the hash before it and of this entry's text. */
  hash: string;
}

/** The result of following a chain. */
export type AuditVerdict =
  { whole: true; entries: number; hash: string } | { whole: false; at: number; reason: string };

/** What stands before the first entry. */
export const CHAIN_START = "0".repeat(64);

/** A note as the text of its entry: JSON, its number first. */
export function noteText(n: number, { at, by, action, task, from, to, why }: AuditNote): string {
  return JSON.stringify({ n, at, by, action, task, from, to, why });
}

/** The hash of an entry: of the one before, a blank, and the entry as JSON without its hash. */
export function chained(previous: string, text: string): string {
  return hash("sha256", `${previous} ${text}`, "hex");
}

/** One line of an audit log: hash, blank, entry as JSON without its hash. `sha256sum` can verify it. */
export function auditLine(previous: string, text: string): { line: string; hash: string } {
  const next = chained(previous, text);
  return { line: `${next} ${text}\n`, hash: next };
}

/** @returns undefined for a line that is none */
export function entryOfLine(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line.slice(65)) as Omit<AuditEntry, "hash">;
    return /^[0-9a-f]{64} $/.test(line.slice(0, 65)) ? { ...entry, hash: line.slice(0, 64) } : undefined;
  } catch {
    return undefined;
  }
}

/** Follows a chain line by line. */
export class ChainCheck {
  private hash = CHAIN_START;
  private entries = 0;
  private fault: AuditVerdict | undefined;

  /** @returns whether the chain is whole so far */
  take(line: string): boolean {
    if (this.fault) return false;
    const n = this.entries + 1;
    const entry = entryOfLine(line);
    if (!entry) this.fault = { whole: false, at: n, reason: "it is no entry" };
    else if (entry.n !== n) this.fault = { whole: false, at: n, reason: `entry ${entry.n} stands in its place` };
    else if (chained(this.hash, line.slice(65)) !== entry.hash)
      this.fault = { whole: false, at: n, reason: "its hash does not follow from its text and the hash before it" };
    else {
      this.hash = entry.hash;
      this.entries = n;
    }
    return this.fault === undefined;
  }

  verdict(): AuditVerdict {
    return this.fault ?? { whole: true, entries: this.entries, hash: this.hash };
  }
}
