import { join } from "node:path";
import { Refusal } from "../../tasks/errors";
import type { LogLine, LogPage } from "../storage";
import { isCode, type Files, type OpenFile } from "./files";

const BLOCK = 64 * 1024;

/** The lines that tasks print: a file a task, JSON a line. A cursor is a position in it. */
export class TaskLogs {
  private readonly open = new Map<string, Promise<Writer>>();

  constructor(
    private readonly files: Files,
    private readonly folder: string,
  ) {}

  async append(task: string, lines: readonly LogLine[]): Promise<void> {
    const writer = await this.writer(task);
    const data = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    try {
      writer.write(data);
    } catch (error) {
      if (isCode(error, "ENOSPC", "EDQUOT", "EFBIG"))
        throw new Refusal("disk-full", "the disk is full: these lines are not kept", { id: task });
      throw error;
    }
  }

  /** Makes what was appended durable, and lets go of the file. */
  async flush(task: string): Promise<void> {
    const opened = this.open.get(task);
    if (!opened) return;
    this.open.delete(task);
    const { file } = await opened;
    await file.sync();
    await file.close();
  }

  async read(task: string, cursor: string | undefined, limit: number): Promise<LogPage> {
    const from = cursor === undefined ? 0 : Number(cursor);
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new Refusal("invalid", "cursor: it is of no page before");
    const data = await this.files.read(this.path(task));
    const lines: LogLine[] = [];
    let at = from;
    for (let end = data?.indexOf(10, at) ?? -1; data && end >= 0 && lines.length < limit; end = data.indexOf(10, at)) {
      const line = lineOf(data.toString("utf8", at, end));
      if (line) lines.push(line);
      at = end + 1;
    }
    return { lines, cursor: String(at) };
  }

  async remove(task: string): Promise<void> {
    await this.flush(task);
    await this.files.remove(this.path(task));
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.keys()].map((task) => this.flush(task)));
  }

  private async writer(task: string): Promise<Writer> {
    const opened = this.open.get(task) ?? this.files.open(this.path(task)).then((file) => Writer.of(file));
    this.open.set(task, opened);
    try {
      return await opened;
    } catch (error) {
      this.open.delete(task);
      throw error;
    }
  }

  private path(task: string): string {
    if (!/^[\w-]{1,64}$/.test(task)) throw new Refusal("not-found", `no task ${task}`, { id: task });
    return join(this.folder, `${task}.ndjson`);
  }
}

class Writer {
  private constructor(
    readonly file: OpenFile,
    private end: number,
  ) {}

  /** A line that a crash has cut is cut off. */
  static async of(file: OpenFile): Promise<Writer> {
    let end = file.size;
    while (end > 0) {
      const begin = Math.max(0, end - BLOCK);
      const found = file.read(begin, end - begin).lastIndexOf(10);
      end = found >= 0 ? begin + found + 1 : begin;
      if (found >= 0) break;
    }
    if (end < file.size) await file.truncate(end);
    return new Writer(file, end);
  }

  write(data: Buffer): void {
    this.file.write(data, this.end);
    this.end += data.length;
  }
}

/** A line whose middle a crash has lost is passed over. */
function lineOf(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
