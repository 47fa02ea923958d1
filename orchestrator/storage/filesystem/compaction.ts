import type { Files } from "./files";
import { headsOf, putOf } from "./heads";
import type { Records } from "./records";
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
  start(records: Records): void {
    this.ended ??= this.clean(records)
      // What could not be moved stays where it is; the next segment brings the next attempt.
      .catch(() => undefined)
      .finally(() => (this.ended = undefined));
  }

  stop(): void {
    this.stopped = true;
  }

  private async clean(records: Records): Promise<void> {
    for (;;) {
      const [oldest] = this.segments;
      if (this.stopped || !oldest || oldest === this.segments.at(-1) || !this.isWorthIt()) return;
      if (!(await this.move(oldest, records))) return;
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
  private async move(segment: Segment, records: Records): Promise<boolean> {
    const heads = headsOf((await this.files.read(headsPath(this.folder, segment.number)))?.toString() ?? "");
    if (heads?.end !== segment.end) return false;
    let batch: Moved[] = [];
    let bytes = 0;
    for (const line of heads.lines) {
      const put = putOf(line, segment, this.table);
      if (!put || "removed" in put) continue;
      batch.push(put);
      bytes += put.length;
      if (bytes < MOVE_BYTES) continue;
      await this.rewrite(batch, segment, records);
      if (this.stopped) return false;
      batch = [];
      bytes = 0;
    }
    await this.rewrite(batch, segment, records);
    // What outdates the rest may itself not yet be on the disk.
    await records.flush();
    return !this.stopped;
  }

  private async rewrite(batch: readonly Moved[], segment: Segment, records: Records): Promise<void> {
    const live = this.stopped ? [] : batch.filter((put) => this.table.isIn(segment, put));
    if (live.length > 0) await records.rewrite(live);
  }
}
