import type { AuditNote } from "../storage/audit";
import type { Commit, Storage } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import { moved } from "../tasks/moved";
import { hasEnded } from "../tasks/states";
import type { Task, TaskHead } from "../tasks/task";
import { Board, type Entry } from "./board";
import type { Clock } from "./clock";
import type { Listener, QueueEvent } from "./events";
import type { QueueSettings } from "./settings";

/** Milliseconds after which a start time is held against the clock again: it may have jumped. */
const RECHECK_MS = 60 * 1000;
/** The name of the queue itself, where nobody else moved a task. */
export const QUEUE = "queue";

/** A task before and after a change; no task before: it is new. */
export interface Change {
  before?: Task;
  after: Task;
}

/** What the parts of a queue share: the board, and the one way to change tasks. */
export class Core {
  readonly board: Board;
  private readonly listeners = new Set<Listener>();
  private readonly readies = new Set<() => void>();
  private alarm: { due: number; off: () => void } | undefined;
  private lastQueuedAt = 0;

  constructor(
    readonly storage: Storage,
    readonly settings: QueueSettings,
    readonly clock: Clock,
    readonly random: () => number,
    readonly owner: string,
  ) {
    this.board = new Board(settings);
  }

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls whenever a task may have become ready. @returns what ends it */
  onReady(run: () => void): () => void {
    this.readies.add(run);
    return () => this.readies.delete(run);
  }

  tell(event: QueueEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /**
   * Commits changed tasks with a note for each transition, and tells of them once they are durable.
   *
   * @param notes Of what was done beside transitions.
   */
  async commit(
    changes: readonly Change[],
    { notes = [], later }: { notes?: readonly AuditNote[]; later?: Commit["later"] } = {},
  ) {
    const audit = [...notes];
    const owners: number[] = notes.map(() => 0);
    changes.forEach(({ before, after: { id, history } }, owner) => {
      for (const { from, to, at, by, why } of history.slice(before?.history.length)) {
        audit.push({ at, by, action: `task.${from === null ? "submitted" : to}`, task: id, from, to, why });
        owners.push(owner);
      }
    });
    const { storage } = this;
    const { tasks, heads, firstAudit, durable } = await storage.commit({
      tasks: changes.map(({ after }) => after),
      before: changes.map(({ before }) => before),
      audit,
      later,
    });
    if (this.listeners.size > 0) {
      const tell = () => {
        audit.forEach((note, at) => {
          const task = tasks[owners[at] ?? 0];
          if (task) this.tell({ type: "task", n: firstAudit + at, note, task });
        });
      };
      // Whoever needs it durable waits for it, and hears of a failure.
      void durable.then(tell, () => undefined);
    }
    return { tasks, heads, durable };
  }

  /** The time of coming into line: never before an earlier task's, whatever the clock does. */
  queuedAt(): number {
    return (this.lastQueuedAt = Math.max(this.lastQueuedAt, this.clock.now()));
  }

  /** Takes stored tasks that wait onto the board: at once where none depends on another. */
  place(heads: readonly TaskHead[]): Promise<void> | undefined {
    const dependent = heads.filter(({ dependsOn }) => dependsOn.length > 0);
    if (dependent.length > 0) {
      return this.placeWith(dependent, heads).then(() => {
        this.wake();
      });
    }
    for (const head of inLine(heads)) this.add(head);
    this.wake();
    return undefined;
  }

  /** @param dependent Those of them that depend on others. */
  private async placeWith(dependent: readonly TaskHead[], heads: readonly TaskHead[]): Promise<void> {
    const together = new Set(heads.map(({ id }) => id));
    const others = [...new Set(dependent.flatMap(({ dependsOn }) => dependsOn))].filter((id) => !together.has(id));
    const states = new Map(others.map((id) => [id, "pending"]));
    const isOpen = (id: string) => !this.board.get(id) && !hasEnded(states.get(id) as Task["state"]);
    for (let open = others; open.length > 0; open = open.filter(isOpen)) {
      for (const id of open) states.set(id, (await this.storage.stateOf(id)) ?? "failed");
    }
    const doomed: { id: string; failed: string }[] = [];
    for (const head of inLine(heads)) {
      const missing = head.dependsOn.filter((id) => this.board.get(id));
      const failed = head.dependsOn.find((id) => !this.board.get(id) && states.get(id) !== "completed");
      if (failed === undefined) this.add(head, missing);
      else doomed.push({ id: head.id, failed });
    }
    await this.fail(doomed);
  }

  private add(head: TaskHead, missing: readonly string[] = []): void {
    this.lastQueuedAt = Math.max(this.lastQueuedAt, head.queuedAt);
    this.board.add(head, missing, this.dueOf(head));
  }

  /** Takes a task from the board; those that depend on it fail unless it was completed. */
  async end(entry: Entry, completed: boolean): Promise<void> {
    const { id } = entry.head;
    const dependents = this.board.end(entry, completed);
    this.wake();
    if (dependents.length > 0) await this.fail(dependents.map(({ head }) => ({ id: head.id, failed: id })));
  }

  /** When a task may run, on the clock that never jumps. */
  dueOf({ notBefore, attempts }: TaskHead): number {
    const ms = (notBefore ?? 0) - this.clock.now();
    if (ms <= 0) return -Infinity;
    // A clock that was set back must not hold up a retry for longer than any retry waits.
    return this.clock.monotonic() + Math.min(ms, attempts > 0 ? this.settings.backoff.longestMs : RECHECK_MS);
  }

  /** Tells that something may be ready, and sets the alarm for what will be. */
  wake(): void {
    const next = this.board.tick(this.clock.monotonic(), (head) => (head.attempts > 0 ? -Infinity : this.dueOf(head)));
    if (next !== this.alarm?.due) {
      this.alarm?.off();
      const off =
        next === undefined
          ? undefined
          : this.clock.after(next - this.clock.monotonic(), () => {
              this.ring();
            });
      this.alarm = next === undefined || !off ? undefined : { due: next, off };
    }
    for (const run of this.readies) run();
  }

  stop(): void {
    this.alarm?.off();
    this.alarm = undefined;
    this.listeners.clear();
    this.readies.clear();
  }

  private ring(): void {
    this.alarm = undefined;
    this.wake();
  }

  /** Fails tasks that wait for one that will not be completed, and those that wait for them. */
  private async fail(doomed: { id: string; failed: string }[]): Promise<void> {
    let durable: Promise<void> | undefined;
    for (let next = doomed.shift(); next; next = doomed.shift()) {
      const { id, failed } = next;
      const task = await this.storage.task(id);
      if (task?.state !== "pending") continue;
      const message = `task ${failed}, which it depends on, was not completed`;
      const after = moved(
        task,
        "failed",
        { at: this.clock.now(), by: QUEUE, why: message },
        { endedAt: this.clock.now(), error: { code: "dependency-failed", message, permanent: true } },
      );
      try {
        ({ durable } = await this.commit([{ before: task, after }]));
      } catch (error) {
        // Somebody has cancelled it in between.
        if (error instanceof Refusal && error.code === "conflict") continue;
        throw error;
      }
      const entry = this.board.get(id);
      const others = entry ? this.board.end(entry, false) : [];
      doomed.push(...others.map(({ head }) => ({ id: head.id, failed: id })));
    }
    await durable;
  }
}

/** The event loop's next turn: what comes in the same one goes together. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** In the order of their claim to a stack: those that had begun keep theirs through a restart. */
function inLine(heads: readonly TaskHead[]): TaskHead[] {
  if (heads.length === 1) return [...heads];
  const begun = ({ attempts }: TaskHead) => (attempts > 0 ? 0 : 1);
  return [...heads].sort((a, b) => begun(a) - begun(b) || a.queuedAt - b.queuedAt || a.seq - b.seq);
}
