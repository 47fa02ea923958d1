import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../stacks/errors";
import {
  anchorOfLine,
  auditLine,
  CHAIN_START,
  ChainCheck,
  entryOfLine,
  type AuditEntry,
  type AuditVerdict,
} from "../audit";
import { auditFiles, auditPath } from "./audit-files";
import { isCode } from "./files";
import { notesOf } from "./recover";
import { headsNumbers, segmentNumbers, segmentPath } from "./segment";

/** What following an audit log on disk has shown. */
export type OfflineVerdict = AuditVerdict & {
  /** Entries that stand in the log of commits only, for the next start to write into the audit log. */
  unwritten: number;
  /** Whether a hash that was asked for is that of an entry, or of the last one that was archived away. */
  found?: boolean;
};

/**
 * The audit log of a folder that nobody has open, or that a service works in: only read. Its newest entries may yet stand
 * in the log of commits alone, or have been torn by a power loss; the next start writes them again from there.
 */
export class OfflineAudit {
  private constructor(
    private readonly paths: readonly string[],
    /** Entries of the log of commits, whose place in the audit log is not yet durable. */
    private readonly notes: ReadonlyMap<number, string>,
  ) {}

  /** @throws UserError when there is no audit log, or it cannot be read */
  static async open(dataDir: string): Promise<OfflineAudit> {
    const folder = join(dataDir, "queue.rkvs");
    // First this one: what is written meanwhile stands in the audit log by then, or is newer than both.
    const notes = await notesIn(join(folder, "queue"), dataDir);
    const firsts = auditFiles(await readdir(folder));
    return new OfflineAudit(
      firsts.map((first) => auditPath(folder, first)),
      notes,
    );
  }

  /** @param hash Must be that of an entry: one that was printed before, so that nobody has cut off the end since. */
  async verify(hash?: string): Promise<OfflineVerdict> {
    const check = new ChainCheck();
    const told = { found: false, unwritten: 0 };
    let fault: string | undefined;
    let last = 0;
    for await (const { line, fromFile } of this.chain()) {
      const entry = fromFile ? entryOfLine(line) : undefined;
      const text = entry && this.notes.get(entry.n);
      if (text !== undefined && text !== line.slice(65)) fault = "the log of commits says otherwise";
      if (fault !== undefined || !check.take(line)) break;
      last = entry?.n ?? anchorOfLine(line)?.n ?? last + 1;
      if (!fromFile) told.unwritten++;
      if (line.slice(0, 64) === hash) told.found = true;
    }
    const verdict = check.verdict();
    if (verdict.whole && last < (this.lastNote() ?? 0)) fault ??= "it is not there";
    const { unwritten, found } = told;
    return {
      ...(fault === undefined ? verdict : { whole: false, at: last + 1, reason: fault }),
      unwritten,
      ...(hash !== undefined && { found }),
    };
  }

  private lastNote(): number | undefined {
    return [...this.notes.keys()].at(-1);
  }

  /** Entries, oldest first; what is no entry is passed over. */
  async *entries(): AsyncGenerator<AuditEntry> {
    for await (const { line } of this.chain()) {
      const entry = entryOfLine(line);
      if (entry) yield entry;
    }
  }

  /** Lines of the files as far as they are good; then those that the log of commits has. */
  private async *chain(): AsyncGenerator<{ line: string; fromFile: boolean }> {
    const first = this.notes.keys().next().value ?? Infinity;
    let last = { n: 0, hash: CHAIN_START };
    files: for (const path of this.paths) {
      for await (const line of linesOf(path)) {
        const entry = entryOfLine(line) ?? anchorOfLine(line);
        // A hole that a power loss has left in what was not durable here, and is in the log of commits.
        if (!entry && last.n + 1 >= first) break files;
        yield { line, fromFile: true };
        if (entry) last = entry;
      }
    }
    for (let text = this.notes.get(last.n + 1); text !== undefined; text = this.notes.get(last.n + 1)) {
      const { line, hash } = auditLine(last.hash, text);
      last = { n: last.n + 1, hash };
      yield { line: line.slice(0, -1), fromFile: false };
    }
  }
}

/** Entries of the segments that the audit log may not have durably yet: those without heads, and the last one. */
async function notesIn(folder: string, dataDir: string): Promise<Map<number, string>> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) {
      throw new UserError(`${dataDir} is no folder of an orchestrator; give the --data-dir that it was served with`);
    }
    throw new UserError(`cannot read ${dataDir}: ${(error as Error).message}`);
  }
  const sealed = new Set(headsNumbers(names));
  const notes = new Map<number, string>();
  const numbers = segmentNumbers(names);
  for (const number of numbers.filter((one) => !sealed.has(one) || one === numbers.at(-1))) {
    const data = await readFile(segmentPath(folder, number)).catch((error: unknown) => {
      // A service that is at work has just removed it.
      if (isCode(error, "ENOENT")) return Buffer.alloc(0);
      throw error;
    });
    for (const { n, text } of notesOf(data)) notes.set(n, text);
  }
  return notes;
}

/** Whole lines; one that is being written is left out. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path)) {
      const data = Buffer.concat([rest, chunk as Buffer]);
      let begin = 0;
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, begin)) {
        yield data.toString("utf8", begin, end);
        begin = end + 1;
      }
      rest = data.subarray(begin);
    }
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw new UserError(`cannot read ${path}: ${(error as Error).message}`);
  }
}
