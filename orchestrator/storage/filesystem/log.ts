import { Refusal } from "../../tasks/errors";
import type { Health } from "../storage";
import { isCode, type Files } from "./files";
import { FRAME_HEADER, sealFrame } from "./frames";
import type { Reserve } from "./reserve";
import { newSegment, segmentPath, type Segment } from "./segment";

/** Bytes after which the log goes on in a new file: as many are read at most at a start after a crash. */
const SEGMENT_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const END_OF_LINE = "\n".charCodeAt(0);
/** Milliseconds between two attempts to write to a full disk. */
const RETRY_MS = 1000;

export interface LogOptions {
  files: Files;
  folder: string;
  segmentBytes?: number;
  retryMs?: number;
  /** Called with a segment once nothing more comes into it. */
  whole: (segment: Segment) => void;
  /** Called with it once it is durable, before the next one is written; again when it failed. */
  sealed: (segment: Segment) => Promise<void>;
}

/** A record as its line says it: the letter of what it is, then JSON. */
export interface Written {
  letter: string;
  text: string;
}

/** Frames that are written and made durable together. */
interface Chunk {
  segment: Segment;
  start: number;
  buffer: Buffer;
  used: number;
  durable: Promise<void>;
  resolve: () => void;
  reject: (reason: Refusal) => void;
  then: (() => void)[];
}

/**
 * Appends frames. Those that come while a write is under way go out with the next one, by a single write and sync:
 * what many wait for at once costs each a share of it.
 *
 * What was accepted is never given up for a full disk: it waits, in memory, until there is room.
 */
export class Log {
  /** Not yet begun; the last one takes what comes. */
  private readonly chunks: Chunk[] = [];
  private current: Chunk | undefined;
  private writing: Promise<void> | undefined;
  private state: Health = { state: "ok" };
  private wake: (() => void) | undefined;
  private recovery: NodeJS.Timeout | undefined;
  private closing = false;
  private spare: Buffer | undefined;

  constructor(
    /** All, in order; the last one is written on. */
    private readonly segments: Segment[],
    private readonly reserve: Reserve,
    private readonly options: LogOptions,
  ) {
    this.last = this.open = segments.at(-1) ?? newSegment(1);
    if (!reserve.kept) this.full("the disk had no room for the reserve");
  }

  /** The segment that takes what comes. */
  last: Segment;
  /** The segment that is written. */
  open: Segment;

  health(): Health {
    return this.state;
  }

  /**
   * Appends one frame of records, a line each.
   *
   * @param then Called once the frame is durable, before anybody who waits for it.
   * @returns where each line will begin, and the byte behind the last one; and when all are durable
   */
  append(
    records: readonly Written[],
    then: () => void,
  ): { segment: Segment; offsets: number[]; durable: Promise<void> } {
    // A letter of a text takes three bytes at most.
    const most = records.reduce((sum, { text }) => sum + 3 * text.length + 2, 0);
    const chunk = this.chunkFor(FRAME_HEADER + most);
    const { segment, buffer, used: start } = chunk;
    let at = start + FRAME_HEADER;
    const offsets = [chunk.start + at];
    // Written one by one: put together before, they would be copied twice.
    for (const { letter, text } of records) {
      buffer[at] = letter.charCodeAt(0);
      at += 1 + buffer.write(text, at + 1);
      buffer[at++] = END_OF_LINE;
      offsets.push(chunk.start + at);
    }
    chunk.used = at;
    sealFrame(buffer, start, chunk.used, segment.durable);
    segment.end = chunk.start + chunk.used;
    chunk.then.push(then);
    this.writing ??= this.write();
    return { segment, offsets, durable: chunk.durable };
  }

  /** Whether what comes is to stand in a new file. */
  get isFull(): boolean {
    return this.last.end >= (this.options.segmentBytes ?? SEGMENT_BYTES);
  }

  /** Goes on in a new file when this one is full. */
  endFile(): void {
    if (!this.isFull) return;
    this.options.whole(this.last);
    this.last = newSegment(this.last.number + 1);
    this.segments.push(this.last);
  }

  /** Resolves once all that was appended is durable. */
  async flush(): Promise<void> {
    await (this.chunks.at(-1) ?? this.current)?.durable;
  }

  /** Writes what can be written at once; what a full disk holds up is refused. */
  async close(): Promise<void> {
    this.closing = true;
    this.wake?.();
    clearTimeout(this.recovery);
    await this.writing;
    for (const { file } of this.segments) await file?.close();
  }

  private chunkFor(need: number): Chunk {
    const chunk = this.chunks.at(-1);
    if (chunk?.segment !== this.last) return this.newChunk(need);
    if (chunk.buffer.length - chunk.used < need) {
      const larger = Buffer.allocUnsafe(2 * chunk.buffer.length + need);
      chunk.buffer.copy(larger, 0, 0, chunk.used);
      chunk.buffer = larger;
    }
    return chunk;
  }

  private newChunk(need: number): Chunk {
    let resolve: () => void = () => undefined;
    let reject: (reason: Refusal) => void = () => undefined;
    const durable = new Promise<void>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    // Nobody may wait for it.
    durable.catch(() => undefined);
    const buffer =
      this.spare && this.spare.length >= need ? this.spare : Buffer.allocUnsafe(Math.max(need, CHUNK_BYTES));
    this.spare = undefined;
    const chunk = {
      segment: this.last,
      start: this.last.end,
      buffer,
      used: 0,
      durable,
      resolve,
      reject,
      then: [],
    };
    this.chunks.push(chunk);
    return chunk;
  }

  private async write(): Promise<void> {
    for (let chunk = this.chunks.shift(); chunk; chunk = this.chunks.shift()) {
      this.current = chunk;
      try {
        await this.writeWhole(chunk);
      } catch (error) {
        this.fail(error);
        break;
      }
      for (const then of chunk.then) then();
      chunk.resolve();
      if (chunk.buffer.length <= 16 * CHUNK_BYTES) this.spare = chunk.buffer;
    }
    this.current = undefined;
    this.writing = undefined;
  }

  private async writeWhole(chunk: Chunk): Promise<void> {
    const { segment, start } = chunk;
    for (;;) {
      try {
        const file = await this.fileOf(segment);
        file.write(chunk.buffer.subarray(0, chunk.used), start);
        await file.sync();
        segment.durable = start + chunk.used;
        return;
      } catch (error) {
        if (!isCode(error, "ENOSPC", "EDQUOT", "EFBIG")) throw error;
        await this.waitForRoom(error);
      }
    }
  }

  private async fileOf(segment: Segment) {
    if (segment.file) return segment.file;
    const { files, folder, sealed } = this.options;
    if (this.open !== segment) await sealed(this.open);
    const file = await files.open(segmentPath(folder, segment.number));
    await files.syncFolder(folder);
    this.open = segment;
    return (segment.file = file);
  }

  private async waitForRoom(error: unknown): Promise<void> {
    this.full(error instanceof Error ? error.message : String(error));
    if (await this.reserve.release()) return;
    if (this.closing) throw new Refusal("disk-full", "the disk is full: what was not yet answered is not kept");
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.retryMs ?? RETRY_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** New work is refused until the reserve is there again. */
  private full(reason: string): void {
    this.state = { state: "full", reason: `the disk is full: ${reason}` };
    clearTimeout(this.recovery);
    this.recovery = setTimeout(() => void this.recover(reason), this.options.retryMs ?? RETRY_MS).unref();
  }

  private async recover(reason: string): Promise<void> {
    const kept = await this.reserve.keep().catch(() => false);
    if (this.state.state !== "full" || this.closing) return;
    if (kept) this.state = { state: "ok" };
    else this.full(reason);
  }

  /** After an error of the disk nobody knows what is on it: only reading it anew tells. */
  private fail(error: unknown): void {
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal(
            "storage-broken",
            `the log cannot be written: ${error instanceof Error ? error.message : String(error)}`,
          );
    this.state = { state: "broken", reason: refusal.message };
    this.current?.reject(refusal);
    for (const chunk of this.chunks.splice(0)) chunk.reject(refusal);
  }
}
