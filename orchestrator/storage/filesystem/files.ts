import { readSync, writeSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";

/** What the storage needs of a file system: this much can be played in a test, with crashes, torn writes and a full disk. */
export interface Files {
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Opens a file for reading and writing; makes it when it is not there. */
  open(path: string): Promise<OpenFile>;
  /** @returns undefined when there is no such file */
  read(path: string): Promise<Buffer | undefined>;
  /** @returns false when the file is there already */
  writeNew(path: string, text: string): Promise<boolean>;
  /** Writes a whole file, so that a crash leaves either the old one or the new one. */
  replace(path: string, content: Buffer | string): Promise<void>;
  /** Nothing when there is no such file. */
  remove(path: string): Promise<void>;
  /** Makes that files were made or removed in a folder survive a power loss. */
  syncFolder(path: string): Promise<void>;
  /** Sets the time of the last write to now. */
  touch(path: string): Promise<void>;
  /** Milliseconds since 1970 of the last write; undefined when there is no such file. */
  changed(path: string): Promise<number | undefined>;
}

export interface OpenFile {
  /** Bytes in it when it was opened. */
  readonly size: number;
  /**
   * Into the memory of the system, at once: what waits for the disk is the sync. A hop to the thread pool would cost more.
   *
   * @throws Error `ENOSPC` and others
   */
  write(data: Buffer, position: number): void;
  /** Fewer bytes where the file ends. */
  read(position: number, length: number): Buffer;
  /** Makes all that was written survive a power loss. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The machine's file system. */
export const realFiles: Files = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  list: async (path) => (await readdir(path)).sort(),
  open: openReal,
  read: (path) => unlessMissing(readFile(path)),
  async writeNew(path, text) {
    try {
      const file = await open(path, "wx");
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.syncFolder(dirname(path));
      return true;
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    }
  },
  async replace(path, content) {
    const file = await open(`${path}.new`, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await this.syncFolder(dirname(path));
  },
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async touch(path) {
    const now = new Date();
    await utimes(path, now, now);
  },
  changed: async (path) => (await unlessMissing(stat(path)))?.mtimeMs,
};

/** Whether an error of the file system has this code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === "object" && error !== null && "code" in error && codes.includes(String(error.code));
}

/** Makes something of files; when that fails, all that was opened for it is closed. */
export async function orClosed<T>(files: Files, make: (files: Files) => Promise<T>): Promise<T> {
  let opened: Promise<OpenFile>[] | undefined = [];
  const noted = Object.create(files) as Files;
  noted.open = async (path) => {
    const file = files.open(path);
    opened?.push(file);
    return file;
  };
  try {
    const made = await make(noted);
    opened = undefined;
    return made;
  } catch (error) {
    await Promise.allSettled((opened ?? []).map(async (file) => (await file).close()));
    throw error;
  }
}

async function openReal(path: string): Promise<OpenFile> {
  const file = await open(path, "r+").catch((error: unknown) => {
    if (isCode(error, "ENOENT")) return open(path, "wx+");
    throw error;
  });
  return {
    size: (await file.stat()).size,
    write(data, position) {
      for (let done = 0; done < data.length;) {
        done += writeSync(file.fd, data, done, data.length - done, position + done);
      }
    },
    read(position, length) {
      const data = Buffer.allocUnsafe(length);
      let done = 0;
      // What is read was written a moment ago or is one small record: a hop to the thread pool costs more.
      for (let more = 1; done < length && more > 0; done += more) {
        more = readSync(file.fd, data, done, length - done, position + done);
      }
      return data.subarray(0, done);
    },
    sync: () => file.datasync(),
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  };
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
