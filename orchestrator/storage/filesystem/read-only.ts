import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { isCode, realFiles, type Files, type OpenFile } from "./files";

/**
 * The machine's files, of which none is changed: what is written stays in memory. So a folder can be opened for a look,
 * with all repairs, and stays as it is.
 */
export function readOnlyFiles(): Files {
  /** Written or removed (undefined). */
  const written = new Map<string, Buffer | undefined>();
  const read = async (path: string) => (written.has(path) ? written.get(path) : realFiles.read(path));
  return {
    makeFolder: () => Promise.resolve(),
    list: async (path) => {
      try {
        return await realFiles.list(path);
      } catch (error) {
        if (isCode(error, "ENOENT")) return [];
        throw error;
      }
    },
    open: (path) => {
      const isWritten = written.has(path) || !existsSync(path);
      return Promise.resolve(ReadOnlyFile.open(path, isWritten ? (written.get(path) ?? Buffer.alloc(0)) : undefined));
    },
    read,
    async writeNew(path, text) {
      if (await read(path)) return false;
      written.set(path, Buffer.from(text));
      return true;
    },
    replace(path, content) {
      written.set(path, Buffer.from(content));
      return Promise.resolve();
    },
    remove(path) {
      written.set(path, undefined);
      return Promise.resolve();
    },
    syncFolder: () => Promise.resolve(),
    touch: () => Promise.resolve(),
    changed: (path) => realFiles.changed(path),
  };
}

/** Read from the disk until something is written over it; that is the end of a file, which is short. */
class ReadOnlyFile implements OpenFile {
  private changed: Buffer | undefined;

  private constructor(
    readonly size: number,
    private fd: number | undefined,
  ) {}

  static open(path: string, written: Buffer | undefined): ReadOnlyFile {
    const file = new ReadOnlyFile(written?.length ?? statSync(path).size, written ? undefined : openSync(path, "r"));
    file.changed = written;
    return file;
  }

  write(data: Buffer, position: number): void {
    const before = this.read(0, position);
    this.changed = Buffer.concat([before, data]);
  }

  read(position: number, length: number): Buffer {
    if (this.changed) return this.changed.subarray(position, position + length);
    const data = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)));
    return this.fd === undefined ? data : data.subarray(0, readSync(this.fd, data, 0, data.length, position));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  truncate(length: number): Promise<void> {
    this.changed = this.read(0, length);
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
    return Promise.resolve();
  }
}
