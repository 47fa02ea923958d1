import { crc32 } from "node:zlib";

/**
 * A frame is one commit in the log: mark, checksum, length of the text, and how much of the segment was durable when the
 * frame was written, each of 4 bytes; then the text, one record a line.
 */
export const FRAME_HEADER = 16;
/** "NOF1", little-endian. */
const MARK = 0x31_46_4f_4e;

/** Completes a frame whose text stands in the buffer from `start + FRAME_HEADER` to `end`. */
export function sealFrame(buffer: Buffer, start: number, end: number, durable: number): void {
  buffer.writeUInt32LE(MARK, start);
  buffer.writeUInt32LE(end - start - FRAME_HEADER, start + 8);
  buffer.writeUInt32LE(durable, start + 12);
  buffer.writeUInt32LE(crc32(buffer.subarray(start + 8, end)), start + 4);
}

export interface Frame {
  /** Where its text begins in the segment, and the byte after it. */
  begin: number;
  end: number;
  durable: number;
}

/** The frame at a position; undefined when there is no whole one. */
function frameAt(segment: Buffer, position: number): Frame | undefined {
  const begin = position + FRAME_HEADER;
  if (begin > segment.length || segment.readUInt32LE(position) !== MARK) return undefined;
  const end = begin + segment.readUInt32LE(position + 8);
  if (end > segment.length) return undefined;
  if (crc32(segment.subarray(position + 8, end)) !== segment.readUInt32LE(position + 4)) return undefined;
  return { begin, end, durable: segment.readUInt32LE(position + 12) };
}

/** What stands after the last whole frame of a segment. */
export type Tail =
  /** Nothing. */
  | { is: "clean"; end: number }
  /** A write that was never acknowledged: it may be cut off. */
  | { is: "torn"; end: number; bytes: number }
  /** What had been acknowledged is not what it was. */
  | { is: "damaged"; end: number };

/** Reads the frames of a segment in order, and tells what follows them. */
export function readFrames(segment: Buffer, take: (frame: Frame) => void): Tail {
  let end = 0;
  for (let frame = frameAt(segment, 0); frame; frame = frameAt(segment, end)) {
    take(frame);
    end = frame.end;
  }
  if (end === segment.length) return { is: "clean", end };
  return acknowledgedAfter(segment, end) ? { is: "damaged", end } : { is: "torn", end, bytes: segment.length - end };
}

/**
 * Whether a later frame knew that what stands at a position was durable. A disk may write the end of a torn write before
 * its beginning, so a whole frame behind a broken one proves nothing by itself.
 */
function acknowledgedAfter(segment: Buffer, position: number): boolean {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(MARK);
  for (let at = segment.indexOf(mark, position + 1); at >= 0; at = segment.indexOf(mark, at + 1)) {
    const frame = frameAt(segment, at);
    if (frame && frame.durable > position) return true;
  }
  return false;
}
