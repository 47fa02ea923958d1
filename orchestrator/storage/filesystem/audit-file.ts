import { Refusal } from "../../tasks/errors";
import {
  anchorLine,
  anchorOfLine,
  auditLine,
  CHAIN_START,
  ChainCheck,
  entryOfLine,
  type Anchor,
  type AuditEntry,
  type AuditVerdict,
} from "../audit";
import { AUDIT_FILE_BYTES, auditFiles, auditPath } from "./audit-files";
import type { Files, OpenFile } from "./files";
import type { Note } from "./recover";

const BLOCK = 64 * 1024;
/** Milliseconds for which entries are collected before they are written. */
const LATER_MS = 50;

/** One file of the audit log. */
interface Part {
  file: OpenFile;
  /** Its bytes that are written. */
  end: number;
  /** The last entry before it, and where its own begin. */
  before: Anchor & { end: number };
}

/**
 * The audit log as files: the last one is written, those before are closed for good. Its notes stand in the log of commits
 * as well, so it is only made durable before a segment of that log is done with; what it lacks after a crash is written
 * anew.
 */
export class AuditFile {
  private waiting: { n: number; line: string }[] = [];
  private writing: Promise<void> | undefined;
  private hurry: (() => void) | undefined;
  /** The last entry that was taken. */
  private taken: Anchor;
  /** The last entry that is in a file. */
  private written: Anchor;

  private constructor(
    private readonly files: Files,
    private readonly folder: string,
    private readonly fileBytes: number,
    /** In order; at least one. */
    private readonly parts: Part[],
    private part: Part,
    last: Anchor,
  ) {
    this.taken = this.written = last;
  }

  /**
   * Opens the last file as far as it is durable for sure, and takes what a log of commits says after that: a power loss may
   * have left holes in the rest.
   *
   * @param audited The last entry that is known to be in a file.
   * @param notes Those of the log behind it, in order.
   * @param again All notes of the log's last segment: what somebody has cut off the file comes back from there.
   * @param fileBytes Bytes after which it goes on in a new file. Default: 64 MiB.
   * @throws Refusal `storage-broken` when an entry is missing between the two
   */
  static async open(
    files: Files,
    folder: string,
    { audited, notes }: { audited: number; notes: readonly Note[] },
    again: () => Promise<readonly Note[]>,
    fileBytes = AUDIT_FILE_BYTES,
  ): Promise<AuditFile> {
    const parts = await openParts(files, folder);
    const part = parts.at(-1) ?? { file: await files.open(auditPath(folder, 1)), end: 0, before: BEGINNING };
    if (parts.length === 0) parts.push(part);
    // All before the last file was durable before that was begun.
    const { before } = part;
    audited = Math.max(audited, before.n);
    const behind = (all: readonly Note[]) => all.filter(({ n }) => n > before.n);
    notes = behind(notes);
    let [first] = notes;
    let last = entryBefore(part, first?.n ?? Infinity);
    if ((last?.n ?? 0) < audited) {
      notes = behind(await again());
      [first] = notes;
      last = entryBefore(part, first?.n ?? Infinity);
    }
    if (last?.n !== (first?.n ?? Math.max(audited, last?.n ?? 0) + 1) - 1) {
      for (const { file } of parts) await file.close();
      const reason = first ? `entry ${first.n - 1} is not there` : "its last entry cannot be read";
      const path = auditPath(folder, before.n + 1);
      throw new Refusal("storage-broken", `${path}: ${reason}. Put the folder back from a backup; nothing was changed`);
    }
    part.end = last.end;
    if (part.end < part.file.size) await part.file.truncate(part.end);
    const { n, hash } = last;
    const audit = new AuditFile(files, folder, fileBytes, parts, part, { n, hash });
    for (const note of notes) audit.take(note.n, note.text);
    return audit;
  }

  /** Number of the last entry. */
  get last(): number {
    return this.taken.n;
  }

  /** Takes a note's text, which says its number; one that is there already is passed over. */
  take(n: number, text: string): void {
    if (n <= this.taken.n) return;
    const { line, hash } = auditLine(this.taken.hash, text);
    this.taken = { n, hash };
    this.waiting.push({ n, line });
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
    await this.part.file.sync();
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      for (const { file } of this.parts) await file.close();
    }
  }

  async read({ after, limit, task }: { after: number; limit: number; task?: string }): Promise<AuditEntry[]> {
    await this.flush();
    const found: AuditEntry[] = [];
    const from = Math.max(
      0,
      this.parts.findLastIndex(({ before }) => before.n <= after),
    );
    for (const part of this.parts.slice(from)) {
      for (const line of linesOf(part, positionBehind(part, after))) {
        if (found.length >= limit) return found;
        const entry = entryOfLine(line);
        if (entry && entry.n > after && (task === undefined || entry.task === task)) found.push(entry);
      }
    }
    return found;
  }

  async verify(): Promise<AuditVerdict> {
    await this.flush();
    const check = new ChainCheck();
    let lines = 0;
    for (const part of [...this.parts]) {
      for (const line of linesOf(part, 0)) {
        if (!check.take(line)) return check.verdict();
        if (++lines % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
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
      if (this.part.end >= this.fileBytes) await this.goOn();
      const { waiting, part } = this;
      const data = Buffer.from(waiting.map(({ line }) => line).join(""));
      part.file.write(data, part.end);
      this.waiting = [];
      part.end += data.length;
      const last = waiting.at(-1);
      if (last) this.written = { n: last.n, hash: last.line.slice(0, 64) };
    }
  }

  /**
   * Goes on in a new file. In this order: what is in the file before is durable, then the new one's first line is, then
   * entries come. A file without its first line is one that a crash has kept from that.
   */
  private async goOn(): Promise<void> {
    await this.part.file.sync();
    const path = auditPath(this.folder, this.written.n + 1);
    const file = await this.files.open(path);
    const line = Buffer.from(anchorLine(this.written));
    try {
      file.write(line, 0);
      await file.sync();
      await this.files.syncFolder(this.folder);
    } catch (error) {
      await file.close();
      await this.files.remove(path);
      throw error;
    }
    this.part = { file, end: line.length, before: { ...this.written, end: line.length } };
    this.parts.push(this.part);
  }
}

/** Before the first entry of all. */
const BEGINNING = { n: 0, hash: CHAIN_START, end: 0 };

/** Bytes of a first line at most. */
const ANCHOR_BYTES = 128;

/**
 * The files that there are; the last one is removed where a crash has left it without its first line.
 *
 * @throws Refusal `storage-broken` when another one has none
 */
async function openParts(files: Files, folder: string): Promise<Part[]> {
  const parts: Part[] = [];
  const firsts = auditFiles(await files.list(folder));
  for (const first of firsts) {
    const path = auditPath(folder, first);
    const file = await files.open(path);
    const before = first === 1 ? BEGINNING : anchorOf(file, first);
    if (before) parts.push({ file, end: file.size, before });
    else {
      await file.close();
      if (first !== firsts.at(-1) || file.size > ANCHOR_BYTES) {
        for (const part of parts) await part.file.close();
        throw new Refusal(
          "storage-broken",
          `${path}: its first line cannot be read. Put the folder back from a backup; nothing was changed`,
        );
      }
      await files.remove(path);
    }
  }
  return parts;
}

function anchorOf(file: OpenFile, first: number): Part["before"] | undefined {
  const [line = ""] = file.read(0, ANCHOR_BYTES).toString().split("\n", 1);
  const anchor = anchorOfLine(line);
  return anchor?.n === first - 1 ? { ...anchor, end: line.length + 1 } : undefined;
}

function* linesOf({ file, end }: Part, from: number): Generator<string> {
  let rest = Buffer.alloc(0);
  for (let at = from; at < end; at += BLOCK) {
    const data = Buffer.concat([rest, file.read(at, Math.min(BLOCK, end - at))]);
    let begin = 0;
    for (let next = data.indexOf(10); next >= 0; next = data.indexOf(10, begin)) {
      yield data.toString("utf8", begin, next);
      begin = next + 1;
    }
    rest = data.subarray(begin);
  }
}

/**
 * The last entry with a smaller number, and where it ends; the one before the file where there is none.
 *
 * @returns undefined when the file ends with something else
 */
function entryBefore(part: Part, n: number): Part["before"] | undefined {
  let found = part.before;
  let at = Math.max(positionBehind(part, n - 1), found.end);
  for (const line of linesOf(part, at)) {
    const entry = entryOfLine(line);
    at += Buffer.byteLength(line) + 1;
    if (entry && entry.n < n) found = { n: entry.n, hash: entry.hash, end: at };
    else if (n !== Infinity) return found;
  }
  return n === Infinity && found.end !== part.end ? undefined : found;
}

/** Where a line begins that is not far before the one behind an entry: entries are in order, so it is found by halving. */
function positionBehind({ file, end: size }: Part, n: number): number {
  let [low, high] = [0, size];
  while (high - low > BLOCK) {
    const middle = Math.floor((low + high) / 2);
    const data = file.read(middle, BLOCK);
    const begin = data.indexOf(10) + 1;
    const end = data.indexOf(10, begin);
    const entry = end < 0 ? undefined : entryOfLine(data.toString("utf8", begin, end));
    if (entry && entry.n <= n) low = middle + begin;
    else high = middle;
  }
  return low;
}
