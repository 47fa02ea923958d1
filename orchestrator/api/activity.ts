import type { QueueEvent } from "../queue/events";
import type { Queue } from "../queue/queue";
import { hasEnded } from "../tasks/states";

/** Milliseconds that are counted as one. */
export const SPAN_MS = 10_000;
/** Spans that are kept: an hour. */
const MOST_SPANS = 360;

/** What happened in a span of time, and how it ended. */
export interface Span {
  /** Its beginning, in milliseconds since 1970. */
  at: number;
  submitted: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Tasks that waited at its end; a retry that waits for its time is one of them. */
  pending: number;
  /** Tasks that ran at its end. */
  running: number;
}

/**
 * How deep the queue was and what came out of it in the last hour. Counted from what happens, kept in memory: a service
 * that is started anew knows nothing of before.
 */
export class Activity {
  private readonly past: Span[] = [];
  private now: Span;
  private readonly off: () => void;

  constructor(private readonly queue: Queue) {
    const { running, ...waiting } = queue.counts();
    const pending = Object.values(waiting).reduce((sum, count) => sum + count, 0);
    this.now = emptySpan(spanOf(this.time()), pending, running);
    this.off = queue.listen((event) => {
      this.count(event);
    });
  }

  /** Oldest first; the last one goes on. */
  spans(): readonly Span[] {
    this.advance();
    return [...this.past, this.now].map((span) => ({ ...span }));
  }

  close(): void {
    this.off();
  }

  private count(event: QueueEvent): void {
    if (event.type !== "task" || event.note.to === undefined) return;
    this.advance();
    const { from, to } = event.note;
    const { now } = this;
    if (from === null) now.submitted++;
    else if (from === "pending" || from === "running") now[from]--;
    if (to === "pending" || to === "running") now[to]++;
    if (hasEnded(to)) now[to]++;
  }

  /** Spans in which nothing happened stand there, too: the queue was as deep as before. */
  private advance(): void {
    const last = spanOf(this.time());
    // After a long silence only the last hour is told; a clock that was set back goes on in the same span.
    if (last - this.now.at > MOST_SPANS * SPAN_MS) {
      this.past.length = 0;
      this.now = emptySpan(last - MOST_SPANS * SPAN_MS, this.now.pending, this.now.running);
    }
    while (this.now.at < last) {
      this.past.push(this.now);
      this.now = emptySpan(this.now.at + SPAN_MS, this.now.pending, this.now.running);
    }
    if (this.past.length > MOST_SPANS - 1) this.past.splice(0, this.past.length - (MOST_SPANS - 1));
  }

  private time(): number {
    return this.queue.core.clock.now();
  }
}

function emptySpan(at: number, pending: number, running: number): Span {
  return { at, submitted: 0, completed: 0, failed: 0, cancelled: 0, pending, running };
}

function spanOf(time: number): number {
  return Math.floor(time / SPAN_MS) * SPAN_MS;
}
