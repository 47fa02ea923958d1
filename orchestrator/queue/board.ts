import { KINDS, lockedStack, type TaskKind } from "../tasks/kinds";
import type { TaskHead } from "../tasks/task";
import { Heap, type HeapItem } from "./heap";
import type { QueueSettings } from "./settings";

/** Why a task does not run. */
export type Waiting =
  /** For others to be completed. */
  | "dependencies"
  | "approval"
  /** For its time, or that of its retry. */
  | "time"
  /** For its stack. */
  | "stack"
  /** For nothing but a free place. */
  | "place";

export interface Entry extends HeapItem {
  head: TaskHead;
  /** Undefined: it runs. */
  waiting: Waiting | undefined;
  /** Others that must be completed before. */
  missing: number;
  /** When its time has come, on the clock that never jumps. */
  due: number;
  /** The stack that it must have for itself, and whether it has it. */
  readonly stack: string | undefined;
  holds: boolean;
}

/** What a person has stopped: everything, or tasks of some kinds or stacks. */
export interface Pauses {
  all: boolean;
  kinds: ReadonlySet<TaskKind>;
  stacks: ReadonlySet<string>;
}

interface Stack {
  holder: Entry | undefined;
  line: Heap<Entry>;
}

/**
 * All tasks that have not ended, and which of them runs next. In memory only; nothing here costs more than the logarithm
 * of their number.
 *
 * A task waits for its dependencies, then for its approval, then for its time, then in line for its stack, then for a
 * place. Who waits for a retry keeps its stack: what was submitted first is done first.
 */
export class Board {
  private readonly entries = new Map<string, Entry>();
  private readonly dependents = new Map<string, Set<Entry>>();
  private readonly stacks = new Map<string, Stack>();
  private readonly lanes: Record<TaskKind, Heap<Entry>>;
  private readonly timed = new Heap<Entry>((a, b) => a.due < b.due);
  private readonly running = ofKinds(() => 0);
  private total = 0;
  private pauses: Pauses = { all: false, kinds: new Set(), stacks: new Set() };

  constructor(private readonly settings: Pick<QueueSettings, "concurrency" | "agingMs">) {
    this.lanes = ofKinds(() => new Heap<Entry>((a, b) => this.isBefore(a, b)));
  }

  get size(): number {
    return this.entries.size;
  }

  get(id: string): Entry | undefined {
    return this.entries.get(id);
  }

  /** How many wait for what, and how many run. */
  counts(): Record<Waiting | "running", number> {
    const counts = { dependencies: 0, approval: 0, time: 0, stack: 0, place: 0, running: 0 };
    for (const { waiting } of this.entries.values()) counts[waiting ?? "running"]++;
    return counts;
  }

  /**
   * Takes in a task that waits.
   *
   * @param dependencies Those of its dependencies that are on the board.
   * @param due When it may run, on the clock that never jumps.
   */
  add(head: TaskHead, dependencies: readonly string[], due: number): void {
    const entry: Entry = {
      slot: -1,
      head,
      waiting: undefined,
      missing: dependencies.length,
      due,
      stack: lockedStack(head),
      holds: false,
    };
    this.entries.set(head.id, entry);
    for (const id of dependencies) {
      const others = this.dependents.get(id) ?? new Set();
      this.dependents.set(id, others.add(entry));
    }
    // Who had begun before a restart has its stack first.
    if (head.attempts > 0 && entry.stack !== undefined) this.hold(entry, entry.stack);
    this.place(entry);
  }

  /** Takes in a task that runs already: it has its place and its stack, whatever else is so. */
  adopt(head: TaskHead): Entry {
    const stack = lockedStack(head);
    const entry: Entry = { slot: -1, head, waiting: undefined, missing: 0, due: -Infinity, stack, holds: false };
    this.entries.set(head.id, entry);
    if (stack !== undefined) {
      this.stackOf(stack).holder = entry;
      entry.holds = true;
    }
    this.running[head.kind]++;
    this.total++;
    return entry;
  }

  /** The next task, of some kinds or of all, which now runs; undefined when none may. */
  take(of?: (kind: TaskKind) => boolean): Entry | undefined {
    if (this.pauses.all || this.total >= this.settings.concurrency.total) return undefined;
    let next: Entry | undefined;
    for (const kind of KINDS) {
      const first = this.lanes[kind].peek();
      if (!first || this.pauses.kinds.has(kind) || of?.(kind) === false) continue;
      if (this.running[kind] >= (this.settings.concurrency.kinds[kind] ?? Infinity)) continue;
      if (!next || this.isBefore(first, next)) next = first;
    }
    if (!next) return undefined;
    this.lanes[next.head.kind].pop();
    next.waiting = undefined;
    this.running[next.head.kind]++;
    this.total++;
    return next;
  }

  /** Gives back the place of one that ran; its stack stays its own until it has ended. */
  leave({ head }: Entry): void {
    this.running[head.kind]--;
    this.total--;
  }

  /** One that ran waits again, as it is now. */
  again(entry: Entry, head: TaskHead, due: number): void {
    entry.head = head;
    entry.due = due;
    this.place(entry);
  }

  /** One that waits was approved. */
  approved(entry: Entry, head: TaskHead): void {
    entry.head = head;
    if (entry.waiting === "approval") this.place(entry);
  }

  /**
   * Takes out a task.
   *
   * @returns those that depended on it, if it was not completed; else they wait no longer for it
   */
  end(entry: Entry, completed: boolean): Entry[] {
    const { id } = entry.head;
    if (this.entries.get(id) !== entry) return [];
    this.entries.delete(id);
    this.unplace(entry);
    for (const dependency of entry.head.dependsOn) this.dependents.get(dependency)?.delete(entry);
    const others = [...(this.dependents.get(id) ?? [])];
    this.dependents.delete(id);
    if (completed) {
      for (const other of others) {
        other.missing--;
        if (other.waiting === "dependencies") this.place(other);
      }
    }
    // Last: those that depended on it may be the first in line for its stack.
    this.release(entry);
    return completed ? [] : others;
  }

  /**
   * Moves on those whose time has come.
   *
   * @param again When one whose time has come may run; in the past: now.
   * @returns when the next one's time comes
   */
  tick(now: number, again: (head: TaskHead) => number): number | undefined {
    for (let first = this.timed.peek(); first; first = this.timed.peek()) {
      if (first.due > now) return first.due;
      this.timed.pop();
      first.due = again(first.head);
      if (first.due <= now) first.due = -Infinity;
      this.place(first);
    }
    return undefined;
  }

  pause(pauses: Pauses): void {
    this.pauses = pauses;
    for (const [name, { holder }] of this.stacks) {
      if (holder?.waiting === "place" && pauses.stacks.has(name)) {
        this.unplace(holder);
        this.place(holder);
      } else this.next(name);
    }
  }

  private isBefore(a: Entry, b: Entry): boolean {
    const rank = ({ queuedAt, priority }: TaskHead) => queuedAt - priority * this.settings.agingMs;
    return (rank(a.head) - rank(b.head) || a.head.seq - b.head.seq) < 0;
  }

  private place(entry: Entry): void {
    const { head, missing, due, stack } = entry;
    if (missing > 0) entry.waiting = "dependencies";
    else if (head.approval?.state === "waiting") entry.waiting = "approval";
    else if (due > -Infinity) {
      entry.waiting = "time";
      this.timed.push(entry);
    } else if (stack === undefined || (entry.holds && !this.pauses.stacks.has(stack))) {
      entry.waiting = "place";
      this.lanes[head.kind].push(entry);
    } else {
      entry.waiting = "stack";
      this.stackOf(stack).line.push(entry);
      this.release(entry);
    }
  }

  private unplace(entry: Entry): void {
    if (entry.waiting === "time") this.timed.remove(entry);
    else if (entry.waiting === "place") this.lanes[entry.head.kind].remove(entry);
    else if (entry.waiting === "stack" && entry.stack !== undefined) this.stackOf(entry.stack).line.remove(entry);
  }

  private release(entry: Entry): void {
    if (entry.stack === undefined) return;
    const stack = this.stackOf(entry.stack);
    if (stack.holder === entry) stack.holder = undefined;
    entry.holds = false;
    this.next(entry.stack);
  }

  /** Gives a free stack to the first in its line. */
  private next(name: string): void {
    const stack = this.stackOf(name);
    if (stack.holder || this.pauses.stacks.has(name)) return;
    const first = stack.line.pop();
    if (!first) {
      this.stacks.delete(name);
      return;
    }
    stack.holder = first;
    first.holds = true;
    this.place(first);
  }

  private hold(entry: Entry, name: string): void {
    const stack = this.stackOf(name);
    if (stack.holder || this.pauses.stacks.has(name)) return;
    stack.holder = entry;
    entry.holds = true;
  }

  private stackOf(name: string): Stack {
    let stack = this.stacks.get(name);
    if (!stack) {
      const isBefore = ({ head: a }: Entry, { head: b }: Entry) => (a.queuedAt - b.queuedAt || a.seq - b.seq) < 0;
      stack = { holder: undefined, line: new Heap(isBefore) };
      this.stacks.set(name, stack);
    }
    return stack;
  }
}

/** One of each kind. */
function ofKinds<T>(make: () => T): Record<TaskKind, T> {
  return Object.fromEntries(KINDS.map((kind) => [kind, make()])) as Record<TaskKind, T>;
}
