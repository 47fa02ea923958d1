import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { UserError } from "../../../stacks/errors";
import type { Storage } from "../storage";
import { BACKUP_FORMAT, type BackupEnd, type BackupHead, type BackupRecord } from "./backup";
import { sumsOf } from "./copier";
import { marksOf, write, writesOf } from "./marks";
import { isEmpty } from "./pages";
import type { Sums } from "./sums";

/** What a backup says of itself, once all of it was read and is whole. */
export interface Backup {
  head: BackupHead;
  end: BackupEnd;
  /** Lines between the two. */
  records: number;
}

type Line = BackupHead | BackupRecord | BackupEnd;

/** @throws UserError for a file that is none, is of another release, was cut off or changed */
export async function readBackup(file: string): Promise<Backup> {
  const sha = createHash("sha256");
  let head: BackupHead | undefined;
  let end: BackupEnd | undefined;
  let records = 0;
  for await (const text of linesOf(file)) {
    const line = parsed(text);
    if (!line) throw new UserError(`${file}: line ${records + 2} is not JSON: it was changed`);
    if (!head) {
      if (!("backup" in line)) throw new UserError(`${file} is no backup of an orchestrator`);
      head = line;
      const { format } = head;
      if (format !== BACKUP_FORMAT) {
        throw new UserError(
          `${file} is of format ${format}, and this noetl-ops reads ${BACKUP_FORMAT}: use the one that wrote it`,
        );
      }
    } else if (end) throw new UserError(`${file}: something stands behind its end: it was changed`);
    else if ("end" in line) {
      end = line;
      if (sha.digest("hex") !== end.sha256) throw new UserError(`${file}: its checksum does not fit: it was changed`);
      continue;
    } else records++;
    if (!end) sha.update(`${text}\n`);
  }
  if (!head) throw new UserError(`${file} is no backup of an orchestrator`);
  if (!end) throw new UserError(`${file} was cut off: its end is missing`);
  return { head, end, records };
}

/**
 * Puts a backup into a storage that is empty, or into what an earlier attempt with the same backup has left.
 *
 * @throws UserError as `readBackup`, and for a storage that holds something
 */
export async function restore(
  file: string,
  target: Storage,
  { by, now, onProgress }: { by: string; now: () => number; onProgress?: (done: number, total: number) => void },
): Promise<Sums> {
  const { end, records } = await readBackup(file);
  const { copy } = await marksOf(target);
  const wasEmpty = await isEmpty(target);
  if (copy?.of !== end.sha256 && (copy || !wasEmpty)) {
    throw new UserError("the target holds tasks of its own; choose one that is empty");
  }
  await write(target, [{ id: "copy", value: { of: end.sha256, from: file, at: now() } }]);
  /** Lines that an earlier attempt has put there. */
  const there = new Map<string, number>();
  let done = 0;
  for await (const text of linesOf(file)) {
    const line = parsed(text);
    if (line && "records" in line) await target.load(line.records);
    else if (line && "log" in line) {
      const { log, lines } = line;
      const known = there.get(log) ?? (wasEmpty ? 0 : await lengthOf(target, log));
      await target.appendLog(log, lines.slice(known));
      await target.flushLog(log);
      there.set(log, Math.max(0, known - lines.length));
    } else continue;
    onProgress?.(++done, records);
  }
  const sums = await sumsOf(target);
  if (JSON.stringify(sums) !== JSON.stringify(end.end))
    throw new UserError("what arrived is not what the backup holds");
  const documents = await writesOf(target, [{ id: "copy" }]);
  const note = { at: now(), by, action: "storage.restored", why: `from ${file}` };
  await (
    await target.commit({ documents, audit: [note] })
  ).durable;
  return sums;
}

async function lengthOf(storage: Storage, task: string): Promise<number> {
  let length = 0;
  for (let cursor: string | undefined; ;) {
    const page = await storage.readLog(task, { ...(cursor !== undefined && { cursor }) });
    if (page.lines.length === 0) return length;
    length += page.lines.length;
    ({ cursor } = page);
  }
}

/** @throws UserError for a file that cannot be read, or is not what gzip writes */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  const source = createReadStream(file);
  const stream = createGunzip();
  source.once("error", (error) => stream.destroy(error));
  source.pipe(stream);
  try {
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR") throw new UserError(`${file} was cut off: its end is missing`);
    if (code === "Z_DATA_ERROR") throw new UserError(`${file} is no backup, or was changed: ${message}`);
    throw new UserError(`cannot read ${file}: ${message}`);
  } finally {
    source.destroy();
  }
  if (rest !== "") yield rest;
}

function parsed(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
