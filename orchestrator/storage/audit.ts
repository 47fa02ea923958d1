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

/** The last entry before a part of a chain. */
export interface Anchor {
  /** 0: the part is the chain's beginning. */
  n: number;
  hash: string;
}

/** The result of following a chain. */
export type AuditVerdict =
  | {
      whole: true;
      /** How many there are. */
      entries: number;
      /** Of the last one. */
      hash: string;
      /** The last one of those that were archived away: the chain that is there follows on it. */
      after?: Anchor;
    }
  | { whole: false; at: number; reason: string };

/** What stands before the first entry. */
export const CHAIN_START = "0".repeat(64);

/** A note as the text of its entry: JSON, its number first. */
export function noteText(n: number, { at, by, action, task, from, to, why }: AuditNote): string {
  return JSON.stringify({ n, at, by, action, task, from, to, why });
}

/** The hash of an entry: of the one before, a blank, and the entry as JSON without its hash. */
function chained(previous: string, text: string): string {
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
    const isEntry = /^[0-9a-f]{64} $/.test(line.slice(0, 65)) && typeof entry.n === "number";
    return isEntry ? { ...entry, hash: line.slice(0, 64) } : undefined;
  } catch {
    return undefined;
  }
}

/** The first line of a file that goes on with a chain: the hash of the entry before, blank, and its number. */
export function anchorLine({ n, hash }: Anchor): string {
  return `${hash} {"follows":${n}}\n`;
}

/** @returns undefined for a line that is none */
export function anchorOfLine(line: string): Anchor | undefined {
  const [, hash, n] = /^([0-9a-f]{64}) \{"follows":(\d{1,15})\}$/.exec(line) ?? [];
  return hash === undefined ? undefined : { n: Number(n), hash };
}

/** Follows a chain line by line; what stands before its first line may be archived away. */
export class ChainCheck {
  private last: Anchor = { n: 0, hash: CHAIN_START };
  private after: Anchor | undefined;
  private fault: AuditVerdict | undefined;

  /** @returns whether the chain is whole so far */
  take(line: string): boolean {
    if (this.fault) return false;
    const n = this.last.n + 1;
    const anchor = anchorOfLine(line);
    if (anchor) return this.follow(anchor);
    const entry = entryOfLine(line);
    if (!entry) this.fault = { whole: false, at: n, reason: "it is no entry" };
    else if (entry.n !== n) this.fault = { whole: false, at: n, reason: `entry ${entry.n} stands in its place` };
    else if (chained(this.last.hash, line.slice(65)) !== entry.hash)
      this.fault = { whole: false, at: n, reason: "its hash does not follow from its text and the hash before it" };
    else this.last = { n, hash: entry.hash };
    return this.fault === undefined;
  }

  verdict(): AuditVerdict {
    const { after, last } = this;
    const entries = last.n - (after?.n ?? 0);
    return this.fault ?? { whole: true, entries, hash: last.hash, ...(after && { after }) };
  }

  private follow(anchor: Anchor): boolean {
    const { n, hash } = this.last;
    if (n === 0 && anchor.n > 0) this.last = this.after = anchor;
    else if (anchor.n !== n) {
      this.fault = { whole: false, at: n + 1, reason: `a file that follows entry ${anchor.n} stands in its place` };
    } else if (anchor.hash !== hash) {
      this.fault = { whole: false, at: n + 1, reason: `its file follows another entry ${n}` };
    }
    return this.fault === undefined;
  }
}
