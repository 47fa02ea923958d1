/* eslint-disable @typescript-eslint/require-await -- in memory, there is nothing to wait for */
import { dirname } from "node:path";
import type { Files, OpenFile } from "../../../orchestrator/storage/filesystem/files";

/** A process before this one is always dead. */
export const DEAD = {
  self: async () => ({ pid: 1, host: "here", started: "1" }),
  isAlive: () => Promise.resolve(false),
};

interface Content {
  data: Buffer;
  /** What a power loss leaves for sure. */
  durable: Buffer;
  /** Writes since the last sync. */
  writes: { position: number; data: Buffer }[];
  changed: number;
}

/**
 * A disk in memory that can lose power, tear writes and be full. After a power loss it has what was synced; of what was
 * written since, each 512 bytes may be there or not. File names are kept at once: those of a journalling file system come back in order.
 */
export class Disk implements Files {
  /** Bytes that it takes. */
  room = Infinity;
  /** Files that are open. */
  readonly held = new Set<OpenFile>();
  private names = new Map<string, Content>();
  private readonly folders = new Set<string>();
  /** Files that were opened before the last power loss are no more. */
  private era = 0;
  private ticks = 0;

  get used(): number {
    return [...this.names.values()].reduce((sum, { data }) => sum + data.length, 0);
  }

  /** @param keeps Whether a sector of 512 bytes that was not synced is kept. */
  losePower(keeps: () => boolean): void {
    this.era++;
    for (const content of this.names.values()) {
      let data = content.durable;
      for (const write of content.writes) {
        for (let from = 0; from < write.data.length; from += 512) {
          if (keeps()) data = written(data, write.data.subarray(from, from + 512), write.position + from);
        }
      }
      content.data = content.durable = data;
      content.writes = [];
    }
  }

  /** The bytes of a file, to be spoilt. */
  bytes(path: string): Buffer | undefined {
    return this.names.get(path)?.data;
  }

  paths(): string[] {
    return [...this.names.keys()].sort();
  }

  async makeFolder(path: string): Promise<void> {
    this.folders.add(path);
  }

  async list(path: string): Promise<string[]> {
    return this.paths()
      .filter((name) => dirname(name) === path)
      .map((name) => name.slice(path.length + 1));
  }

  async open(path: string): Promise<OpenFile> {
    const content = this.names.get(path) ?? this.make(path, Buffer.alloc(0));
    const { era } = this;
    const alive = () => {
      if (era !== this.era) throw new Error("EIO: the power was lost");
    };
    const file: OpenFile = {
      size: content.data.length,
      write: (data, position) => {
        alive();
        this.write(content, Buffer.from(data), position);
      },
      read: (position, length) => content.data.subarray(position, position + length),
      sync: async () => {
        await turn();
        alive();
        content.durable = content.data;
        content.writes = [];
      },
      truncate: async (length) => {
        alive();
        content.data = content.durable = content.data.subarray(0, length);
        content.writes = [];
      },
      close: async () => void this.held.delete(file),
    };
    this.held.add(file);
    return file;
  }

  async read(path: string): Promise<Buffer | undefined> {
    return this.names.get(path)?.data;
  }

  async writeNew(path: string, text: string): Promise<boolean> {
    if (this.names.has(path)) return false;
    this.make(path, Buffer.from(text));
    return true;
  }

  async replace(path: string, content: Buffer | string): Promise<void> {
    await turn();
    const data = Buffer.from(content);
    const { era } = this;
    this.take(data.length);
    await turn();
    if (era === this.era) this.make(path, data);
  }

  async remove(path: string): Promise<void> {
    this.names.delete(path);
  }

  async syncFolder(): Promise<void> {
    await turn();
  }

  async touch(path: string): Promise<void> {
    const content = this.names.get(path);
    if (content) content.changed = ++this.ticks;
  }

  async changed(path: string): Promise<number | undefined> {
    return this.names.get(path)?.changed;
  }

  private make(path: string, data: Buffer): Content {
    const content = { data, durable: data, writes: [], changed: ++this.ticks };
    this.names.set(path, content);
    return content;
  }

  private write(content: Content, data: Buffer, position: number): void {
    const grows = Math.max(0, position + data.length - content.data.length);
    const fits = Math.min(grows, Math.max(0, this.room - this.used));
    const part = data.subarray(0, data.length - (grows - fits));
    content.data = written(content.data, part, position);
    content.writes.push({ position, data: part });
    if (fits < grows) throw noSpace();
  }

  private take(bytes: number): void {
    if (this.used + bytes > this.room) throw noSpace();
  }
}

function written(data: Buffer, part: Buffer, position: number): Buffer {
  const next = Buffer.alloc(Math.max(data.length, position + part.length));
  data.copy(next);
  part.copy(next, position);
  return next;
}

function noSpace(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
