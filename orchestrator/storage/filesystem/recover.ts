import { Refusal } from "../../tasks/errors";
import { headOf, type Task } from "../../tasks/task";
import type { Document } from "../storage";
import type { Files } from "./files";
import { readFrames } from "./frames";
import { headWithChange, type TaskChange } from "./change";
import { headsOf, putOf } from "./heads";
import {
  headsNumbers,
  headsPath,
  newSegment,
  NONE,
  placesOf,
  RECORD,
  segmentNumbers,
  segmentPath,
  type Place,
  type Put,
  type Removal,
  type Segment,
} from "./segment";
import type { Table } from "./table";

export interface Recovered {
  /** In order; the last one is written on. */
  segments: Segment[];
  notices: string[];
  /** The last entry that is known to be in the audit log. */
  audited: number;
  /** Those behind it, in order. */
  notes: Note[];
}

/** An entry of the audit log as it stands in the log of commits. */
export interface Note {
  n: number;
  text: string;
}

/** All audit notes in a segment. */
export function notesOf(segment: Buffer): Note[] {
  const notes: Note[] = [];
  readFrames(segment, ({ begin, end }) => {
    for (const line of segment.toString("utf8", begin, end).split("\n")) {
      if (line.startsWith(RECORD.audit)) notes.push(noteOf(line.slice(1)));
    }
  });
  return notes;
}

function noteOf(text: string): Note {
  return { n: (JSON.parse(text) as Note).n, text };
}

/**
 * Reads a log into a table: of each segment its heads, and what stands behind them. A torn end of the last one is cut off.
 *
 * @throws Refusal `storage-broken` when what had been acknowledged cannot be read
 */
export async function recover(files: Files, folder: string, table: Table): Promise<Recovered> {
  const names = await files.list(folder);
  const numbers = segmentNumbers(names);
  if (numbers.length === 0) numbers.push(1);
  // Of a segment that a crash had only half removed.
  const orphans = headsNumbers(names).filter((number) => !numbers.includes(number));
  for (const number of orphans) await files.remove(headsPath(folder, number));
  const recovered: Recovered = { segments: [], notices: [], audited: 0, notes: [] };
  // All at once: each waits for the disk only.
  const opened = numbers.map(async (number) => ({
    file: await files.open(segmentPath(folder, number)),
    text: await files.read(headsPath(folder, number)),
  }));
  for (const [at, number] of numbers.entries()) {
    const { file, text } = (await opened[at]) ?? {};
    if (!file) break;
    const isLast = at === numbers.length - 1;
    const segment = newSegment(number, file);
    recovered.segments.push(segment);
    const heads = text && headsOf(text.toString());
    // More than there is: the segment was put back from a backup without its heads.
    const known = heads && heads.end <= file.size ? heads : undefined;
    const isWhole = known?.end === file.size && !isLast;
    const put = (made: Put) => {
      table.put(made);
      if (!isWhole) table.touch(segment, made);
    };
    recovered.audited = Math.max(recovered.audited, heads?.audit ?? 0);
    for (const line of known?.lines ?? []) {
      const made = putOf(line, segment, table);
      if (made) put(made);
    }
    const take = (line: string, place: Place) => {
      readRecord(line, place, { table, put, notes: recovered.notes });
    };
    if (!isWhole) await readSegment(files, folder, segment, { from: known?.end ?? 0, isLast, take }, recovered.notices);
    if (!isWhole && !isLast) table.end(segment);
  }
  await files.syncFolder(folder);
  // A segment whose heads cannot be read is read whole, though the audit log has long had its notes.
  recovered.notes = recovered.notes.filter(({ n }) => n > recovered.audited);
  return recovered;
}

async function readSegment(
  files: Files,
  folder: string,
  segment: Segment,
  { from, isLast, take }: { from: number; isLast: boolean; take: (line: string, place: Place) => void },
  notices: string[],
): Promise<void> {
  const path = segmentPath(folder, segment.number);
  const data = (await files.read(path)) ?? Buffer.alloc(0);
  const tail = readFrames(data, ({ begin, end }) => {
    // What heads say of is only looked at for whether it is whole.
    for (let at = begin < from ? end : begin; at < end;) {
      const next = data.indexOf(10, at);
      take(data.toString("utf8", at, next), { segment, offset: at, length: next - at });
      at = next + 1;
    }
  });
  if (tail.is === "damaged" || (tail.is === "torn" && !isLast)) {
    throw new Refusal(
      "storage-broken",
      `${path}: what stands at byte ${tail.end} had been acknowledged and cannot be read: the disk has lost it. ` +
        "Put the folder back from a backup; nothing was changed",
    );
  }
  segment.end = segment.durable = tail.end;
  if (tail.is === "torn") {
    await segment.file?.truncate(tail.end);
    notices.push(
      `log: ${tail.bytes} bytes of a write that was never acknowledged cut off, at byte ${tail.end} of ${path}`,
    );
  }
  // They were whole to the process before; whether to the disk, nobody knows.
  await segment.file?.sync();
}

function readRecord(
  line: string,
  place: Place,
  { table, put, notes }: { table: Table; put: (made: Put) => void; notes: Recovered["notes"] },
): void {
  const text = line.slice(1);
  const { segment, offset, length } = place;
  switch (line[0]) {
    case RECORD.task:
      put({ head: headOf(JSON.parse(text) as Task), segment, offset, length, earlier: NONE });
      break;
    case RECORD.change: {
      const change = JSON.parse(text) as TaskChange;
      const before = table.rows.get(change.id);
      // Else its whole record was written anew, further on.
      if (before) {
        put({ head: headWithChange(before.head, change), segment, offset, length, earlier: placesOf(before) });
      }
      break;
    }
    case RECORD.document:
      put({ document: JSON.parse(text) as Document, segment, offset, length });
      break;
    case RECORD.removal:
      put({ removed: JSON.parse(text) as Removal["removed"] });
      break;
    case RECORD.audit:
      notes.push(noteOf(text));
  }
}
