import type { ServerResponse } from "node:http";
import type { QueueEvent } from "../queue/events";
import type { Queue } from "../queue/queue";
import type { AuditNote } from "../storage/audit";
import { hasEnded } from "../tasks/states";
import { hasEndedDurably } from "./when-ended";
import { ApiError } from "./problem";
import { STATUS, timeOf } from "./task-view";

/** Streams at once. */
const MOST = 200;
/** Bytes that wait for a reader who is too slow, before it is sent away: it comes back where it was. */
const MOST_BEHIND = 1024 * 1024;
const BEAT_MS = 15_000;
const PAGE = 500;

/** Server-sent events: what happens to tasks, each with its number in the audit log. */
export class Streams {
  private readonly open = new Set<() => void>();

  constructor(private readonly queue: Queue) {}

  get size(): number {
    return this.open.size;
  }

  /**
   * Sends what happened after an event, then what happens from now on.
   *
   * @param taken Takes the response over from the server: only then nobody else answers.
   * @param after Number of the last event that was seen. Default: for one task its beginning, else now.
   * @param task Only of this one: the stream ends with it.
   * @throws ApiError 429
   */
  async serve(taken: () => ServerResponse, { after, task }: { after?: number; task?: string }): Promise<void> {
    if (this.open.size >= MOST) {
      throw new ApiError("too-many-streams", `${MOST} streams are open`);
    }
    const { storage } = this.queue.core;
    const response = taken();
    const stream = new Stream(response);
    const close = () => {
      stream.end();
    };
    this.open.add(close);
    // What happens while the past is read is held back, so that nothing is missed and nothing comes twice.
    let held: QueueEvent[] | undefined = [];
    let last = after ?? 0;
    const tell = (event: QueueEvent) => {
      if (task !== undefined && event.task.id !== task) return;
      if (held) held.push(event);
      else if (event.type === "progress") stream.send("progress", { task: event.task.id, ...event.task.progress });
      else if (event.n > last) {
        stream.send("task", dataOf(event.n, event.note), event.n);
        if (task !== undefined && hasEnded(event.task.state)) stream.end();
      }
    };
    const off = this.queue.listen(tell);
    const beat = setInterval(() => {
      stream.beat();
    }, BEAT_MS).unref();
    response.once("close", () => {
      off();
      clearInterval(beat);
      this.open.delete(close);
    });
    if (after !== undefined || task !== undefined) last = await this.past(stream, last, task);
    const now = held;
    held = undefined;
    // One that has ended by now was told of in full.
    if (task !== undefined) {
      const isOver = await hasEndedDurably(storage, task);
      for (const event of now) tell(event);
      if (!isOver) return;
      // Whoever listens hears of an end a moment after it is durable.
      await new Promise((resolve) => setImmediate(resolve));
      stream.end();
    } else for (const event of now) tell(event);
  }

  /** Ends all: the service is stopping. */
  close(): void {
    for (const close of [...this.open]) close();
  }

  private async past(stream: Stream, from: number, task: string | undefined): Promise<number> {
    let last = from;
    for (;;) {
      const entries = await this.queue.core.storage.audit({
        after: last,
        limit: PAGE,
        ...(task !== undefined && { task }),
      });
      for (const { hash: _hash, n, ...note } of entries) {
        // Pauses and the like belong to no task.
        if (note.task !== undefined) stream.send("task", dataOf(n, note), n);
        last = n;
      }
      if (entries.length < PAGE || stream.isClosed) return last;
      await stream.drained();
    }
  }
}

function dataOf(n: number, { at, by, action, task, from, to, why }: AuditNote) {
  return {
    n,
    at: timeOf(at),
    by,
    action,
    task: task ?? null,
    from: from === undefined || from === null ? null : STATUS[from],
    to: to === undefined ? null : STATUS[to],
    why: why ?? null,
  };
}

class Stream {
  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-accel-buffering": "no",
    });
    response.write("retry: 2000\n\n");
  }

  get isClosed(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  send(event: string, data: unknown, id?: number): void {
    this.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  beat(): void {
    this.write(": still here\n\n");
  }

  end(): void {
    if (!this.isClosed) this.response.end();
  }

  async drained(): Promise<void> {
    const { response } = this;
    if (this.isClosed || !response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      response.once("drain", resolve);
      response.once("close", resolve);
    });
  }

  private write(text: string): void {
    if (this.isClosed) return;
    this.response.write(text);
    if (this.response.writableLength > MOST_BEHIND) this.response.destroy();
  }
}
