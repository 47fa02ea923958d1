import { Refusal } from "../../tasks/errors";
import { headOf, type Task } from "../../tasks/task";
import type { Document } from "../storage";
import type { Files } from "./files";
import { readFrames } from "./frames";
import { putsOf } from "./heads";
import {
  headsNumbers,
  headsPath,
  RECORD,
  segmentNumbers,
  segmentPath,
  type Put,
  type Removal,
  type Segment,
} from "./segment";

export interface Recovered {
  /** In order; the last one is written on. */
  segments: Segment[];
  notices: string[];
}

/** What is done with each record, in the order of the log. */
export interface Reader {
  put(put: Put): void;
  /** An audit note as text, with its number. */
  note(n: number, text: string): void;
}

/**
 * Reads a log: of whole segments only their heads, where they have some. A torn end of the last one is cut off.
 *
 * @throws Refusal `storage-broken` when what had been acknowledged cannot be read
 */
export async function recover(files: Files, folder: string, reader: Reader): Promise<Recovered> {
  const names = await files.list(folder);
  const numbers = segmentNumbers(names);
  if (numbers.length === 0) numbers.push(1);
  // Of a segment that a crash had only half removed.
  const orphans = headsNumbers(names).filter((number) => !numbers.includes(number));
  for (const number of orphans) await files.remove(headsPath(folder, number));
  const recovered: Recovered = { segments: [], notices: [] };
  for (const number of numbers) {
    const isLast = number === numbers.at(-1);
    const file = await files.open(segmentPath(folder, number));
    const segment: Segment = { number, file, end: file.size, durable: file.size, live: 0, puts: [] };
    recovered.segments.push(segment);
    const heads = isLast ? undefined : (await files.read(headsPath(folder, number)))?.toString();
    const puts = heads === undefined ? undefined : putsOf(heads, segment);
    if (puts) for (const put of puts) reader.put(put);
    else await readSegment(files, folder, segment, isLast, reader, recovered.notices);
  }
  await files.syncFolder(folder);
  return recovered;
}

async function readSegment(
  files: Files,
  folder: string,
  segment: Segment,
  isLast: boolean,
  reader: Reader,
  notices: string[],
): Promise<void> {
  const path = segmentPath(folder, segment.number);
  const data = (await files.read(path)) ?? Buffer.alloc(0);
  const tail = readFrames(data, ({ begin, end }) => {
    for (let at = begin; at < end;) {
      const next = data.indexOf(10, at);
      readRecord(data.toString("utf8", at, next), { segment, offset: at, length: next - at }, reader);
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

function readRecord(line: string, place: { segment: Segment; offset: number; length: number }, reader: Reader): void {
  const { segment } = place;
  const text = line.slice(1);
  const put = (made: Put) => {
    segment.puts.push(made);
    reader.put(made);
  };
  switch (line[0]) {
    case RECORD.task:
      put({ ...place, head: headOf(JSON.parse(text) as Task) });
      break;
    case RECORD.document:
      put({ ...place, document: JSON.parse(text) as Document });
      break;
    case RECORD.removal:
      put({ removed: JSON.parse(text) as Removal["removed"] });
      break;
    case RECORD.audit:
      reader.note((JSON.parse(text) as { n: number }).n, text);
  }
}
