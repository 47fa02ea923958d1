import { Refusal } from "../../tasks/errors";
import { auditLine, CHAIN_START, ChainCheck, entryOfLine, type AuditEntry, type AuditVerdict } from "../audit";
import type { Files, OpenFile } from "./files";
import type { Note } from "./recover";

const BLOCK = 64 * 1024;
/** Milliseconds for which entries are collected before they are written. */
const LATER_MS = 50;

/**
 * The audit log as a file. Its notes stand in the log of commits as well, so it is only made durable before a segment of
 * that log is done with; what it lacks after a crash is written anew.
 */
export class AuditFile {
  private waiting: string[] = [];
  private writing: Promise<void> | undefined;
  private hurry: (() => void) | undefined;

  private constructor(
    private readonly file: OpenFile,
    private end: number,
    /** Number and hash of the last entry that was taken. */
    private n: number,
    private hash: string,
  ) {}

  /**
   * Opens the file as far as it is durable for sure, and takes what a log of commits says after that: a power loss may
   * have left holes in the rest.
   *
   * @param audited The last entry that is known to be in the file.
   * @param notes Those of the log behind it, in order.
   * @param again All notes of the log's last segment: what somebody has cut off the file comes back from there.
   * @throws Refusal `storage-broken` when an entry is missing between the two
   */
  static async open(
    files: Files,
    path: string,
    { audited, notes }: { audited: number; notes: readonly Note[] },
    again: () => Promise<readonly Note[]>,
  ): Promise<AuditFile> {
    const file = await files.open(path);
    const audit = new AuditFile(file, file.size, 0, CHAIN_START);
    let [first] = notes;
    let last = audit.entryBefore(first?.n ?? Infinity);
    if ((last?.n ?? 0) < audited) {
      notes = await again();
      [first] = notes;
      last = audit.entryBefore(first?.n ?? Infinity);
    }
    if (last?.n !== (first?.n ?? Math.max(audited, last?.n ?? 0) + 1) - 1) {
      await file.close();
      const reason = first ? `entry ${first.n - 1} is not there` : "its last entry cannot be read";
      throw new Refusal("storage-broken", `${path}: ${reason}. Put the folder back from a backup; nothing was changed`);
    }
    audit.end = last.end;
    if (audit.end < file.size) await file.truncate(audit.end);
    audit.n = last.n;
    audit.hash = last.hash;
    for (const { n, text } of notes) audit.take(n, text);
    return audit;
  }

  /** Number of the last entry. */
  get last(): number {
    return this.n;
  }

  /** Takes a note's text, which says its number; one that is there already is passed over. */
  take(n: number, text: string): void {
    if (n <= this.n) return;
    const { line, hash } = auditLine(this.hash, text);
    this.n = n;
    this.hash = hash;
    this.waiting.push(line);
    this.writing ??= this.write();
  }

  /** Writes what was taken. */
  async flush(): Promise<void> {
    this.hurry?.();
    await this.writing;
    // A full disk may have room by now.
    if (this.waiting.length > 0) await this.writeAll();
  }

  /** Makes what was taken durable. */
  async sync(): Promise<void> {
    await this.flush();
    await this.file.sync();
  }

  async close(): Promise<void> {
    await this.sync();
    await this.file.close();
  }

  async read({ after, limit, task }: { after: number; limit: number; task?: string }): Promise<AuditEntry[]> {
    await this.flush();
    const found: AuditEntry[] = [];
    for (const line of this.lines(this.positionBehind(after))) {
      if (found.length >= limit) break;
      const entry = entryOfLine(line);
      if (entry && entry.n > after && (task === undefined || entry.task === task)) found.push(entry);
    }
    return found;
  }

  async verify(): Promise<AuditVerdict> {
    await this.flush();
    const check = new ChainCheck();
    let lines = 0;
    for (const line of this.lines(0)) {
      if (!check.take(line)) break;
      if (++lines % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return check.verdict();
  }

  private async write(): Promise<void> {
    // The log of commits has it already: what comes in a while goes along.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LATER_MS).unref();
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    try {
      await this.writeAll();
    } catch {
      // The lines wait for the next attempt; whoever needs them durable makes one, and hears of it.
    } finally {
      this.writing = undefined;
    }
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      const data = Buffer.from(lines.join(""));
      this.waiting = [];
      try {
        await this.file.write(data, this.end);
      } catch (error) {
        this.waiting = [...lines, ...this.waiting];
        throw error;
      }
      this.end += data.length;
    }
  }

  private *lines(from: number): Generator<string> {
    let rest = Buffer.alloc(0);
    for (let at = from; at < this.end; at += BLOCK) {
      const data = Buffer.concat([rest, this.file.read(at, Math.min(BLOCK, this.end - at))]);
      let begin = 0;
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, begin)) {
        yield data.toString("utf8", begin, end);
        begin = end + 1;
      }
      rest = data.subarray(begin);
    }
  }

  /**
   * The last entry with a smaller number, and where it ends; the beginning of the chain where there is none.
   *
   * @returns undefined when the file ends with something else
   */
  private entryBefore(n: number): { n: number; hash: string; end: number } | undefined {
    let found = { n: 0, hash: CHAIN_START, end: 0 };
    let at = this.positionBehind(n - 1);
    for (const line of this.lines(at)) {
      const entry = entryOfLine(line);
      at += Buffer.byteLength(line) + 1;
      if (entry && entry.n < n) found = { n: entry.n, hash: entry.hash, end: at };
      else if (n !== Infinity) return found;
    }
    return n === Infinity && found.end !== this.end ? undefined : found;
  }

  /** Where a line begins that is not far before the one behind an entry: entries are in order, so it is found by halving. */
  private positionBehind(n: number): number {
    let [low, high] = [0, this.end];
    while (high - low > BLOCK) {
      const middle = Math.floor((low + high) / 2);
      const data = this.file.read(middle, BLOCK);
      const begin = data.indexOf(10) + 1;
      const end = data.indexOf(10, begin);
      const entry = end < 0 ? undefined : entryOfLine(data.toString("utf8", begin, end));
      if (entry && entry.n <= n) low = middle + begin;
      else high = middle;
    }
    return low;
  }
}
