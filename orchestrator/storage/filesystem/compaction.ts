import type { Files } from "./files";
import { putsOf } from "./heads";
import type { Log } from "./log";
import { headsPath, segmentPath, type DocumentRow, type Row, type Segment } from "./segment";
import type { Table } from "./table";

/** Bytes of outdated records that are never worth cleaning. */
const WASTE_BYTES = 64 * 1024 * 1024;
/** Bytes moved by one commit. */
const MOVE_BYTES = 256 * 1024;

type Moved = Row | DocumentRow;

/**
 * Keeps the log at most about twice as long as what counts in it: the oldest file's records that still count are
 * appended anew, then the file is removed. Oldest first, so that nothing older than a removal can come back.
 */
export class Compaction {
  ended: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly files: Files,
    private readonly folder: string,
    private readonly table: Table,
    /** All, in order; shared with the log. */
    private readonly segments: Segment[],
    private readonly waste = WASTE_BYTES,
  ) {}

  /** A segment is whole: cleans what is worth it, beside everything else. */
  start(log: Log): void {
    this.ended ??= this.clean(log)
      // What could not be moved stays where it is; the next segment brings the next attempt.
      .catch(() => undefined)
      .finally(() => (this.ended = undefined));
  }

  stop(): void {
    this.stopped = true;
  }

  private async clean(log: Log): Promise<void> {
    for (;;) {
      const [oldest] = this.segments;
      if (this.stopped || !oldest || oldest === log.last || !this.isWorthIt()) return;
      if (!(await this.move(oldest, log))) return;
      this.segments.shift();
      await oldest.file?.close();
      // In this order: a segment without heads would be read whole, as if its notes were not in the audit log yet.
      await this.files.remove(segmentPath(this.folder, oldest.number));
      await this.files.syncFolder(this.folder);
      await this.files.remove(headsPath(this.folder, oldest.number));
    }
  }

  private isWorthIt(): boolean {
    let [bytes, live] = [0, 0];
    for (const segment of this.segments) {
      bytes += segment.end;
      live += segment.live;
    }
    return bytes - live > live + this.waste;
  }

  /** @returns whether all that counts is in another segment, durably */
  private async move(segment: Segment, log: Log): Promise<boolean> {
    const heads = (await this.files.read(headsPath(this.folder, segment.number)))?.toString();
    const puts = heads === undefined ? undefined : putsOf(heads, segment);
    if (!puts) return false;
    let batch: Moved[] = [];
    let bytes = 0;
    for (const put of puts) {
      if ("removed" in put || !this.table.isLive(put)) continue;
      batch.push(put);
      bytes += put.length;
      if (bytes < MOVE_BYTES) continue;
      await this.append(batch, segment, log);
      if (this.stopped) return false;
      batch = [];
      bytes = 0;
    }
    await this.append(batch, segment, log);
    return !this.stopped;
  }

  private async append(batch: readonly Moved[], { file }: Segment, log: Log): Promise<void> {
    // In one turn: what is written in between would stand before its older self.
    const live = file && !this.stopped ? batch.filter((put) => this.table.isLive(put)) : [];
    if (!file || live.length === 0) return;
    const lines = live.map(({ offset, length }) => file.read(offset, length).toString("utf8"));
    const { places, durable } = log.append(lines);
    const moved = live.map((put, at) => ({ ...put, ...places[at] }));
    log.last.puts.push(...moved);
    await durable;
    // It could not be read there before.
    live.forEach((put, at) => {
      const now = moved[at];
      if (now && this.table.isLive(put)) this.table.put(now);
    });
  }
}
