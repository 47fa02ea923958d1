import { join } from "node:path";
import { isCode, type Files } from "./files";

/** Bytes kept free on the disk, so that what was accepted can be written when it is full. */
const RESERVE_BYTES = 8 * 1024 * 1024;

/** A file that is in the way until its room is needed. */
export class Reserve {
  /** Whether it is there. */
  kept = false;

  constructor(
    private readonly files: Files,
    private readonly folder: string,
    private readonly bytes = RESERVE_BYTES,
  ) {}

  /** @returns whether there was room for it */
  async keep(): Promise<boolean> {
    const file = await this.files.open(this.path);
    try {
      // Zeros would take no room on a file system that compresses.
      if (file.size < this.bytes) {
        file.write(noise(this.bytes), 0);
        await file.sync();
      }
      return (this.kept = true);
    } catch (error) {
      if (!isCode(error, "ENOSPC", "EDQUOT", "EFBIG")) throw error;
      await this.files.remove(this.path);
      return false;
    } finally {
      await file.close();
    }
  }

  /** @returns whether it was there */
  async release(): Promise<boolean> {
    const was = this.kept;
    this.kept = false;
    await this.files.remove(this.path);
    return was;
  }

  private get path(): string {
    return join(this.folder, "reserve");
  }
}

/** Bytes that do not compress well, and are the same each time. */
function noise(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let word = 1;
  for (let at = 0; at < words.length; at++) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    words[at] = word;
  }
  return Buffer.from(words.buffer, 0, length);
}
