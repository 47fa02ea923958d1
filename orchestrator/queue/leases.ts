import { Refusal } from "../tasks/errors";
import type { Task } from "../tasks/task";
import type { Entry } from "./board";
import type { Core } from "./core";

/** The right to run a task: who has it, alone may say how it ended. */
export interface Claim {
  task: Task;
  /** Fencing token: what a task changes outside can refuse one that is smaller than the last it saw. */
  token: number;
}

/** A task that runs. */
export interface Running {
  entry: Entry;
  task: Task;
  token: number;
  /** The last sign of life, on the clock that never jumps. */
  beat: number;
  /** Its changes, one after the other; undefined: none was made. */
  tail: Promise<unknown> | undefined;
  ending: boolean;
  stop: ((why: string) => void) | undefined;
}

/** Greater than the number of claims of any session. */
const SESSION = 2 ** 32;

/** Who holds each task that runs. */
export class Leases {
  private readonly running = new Map<string, Running>();
  private given = 0;
  private readonly idle = new Set<() => void>();

  constructor(private readonly core: Core) {}

  get size(): number {
    return this.running.size;
  }

  get(id: string): Running | undefined {
    return this.running.get(id);
  }

  /** A token that is greater than any before it: also than one that another session gave. */
  nextToken(last: number | undefined): number {
    return Math.max(this.core.storage.session * SESSION + ++this.given, last ?? 0);
  }

  /** What a task says of who holds it. */
  leaseOf(token: number, owner: string): Task["lease"] {
    const { clock, settings } = this.core;
    return { owner, token, expiresAt: clock.now() + settings.leaseMs };
  }

  begin(entry: Entry, task: Task, token: number): Running {
    const beat = this.core.clock.monotonic();
    const running = { entry, task, token, beat, tail: undefined, ending: false, stop: undefined };
    this.running.set(task.id, running);
    return running;
  }

  /** The task of a claim; undefined once another has it. */
  of({ task, token }: Claim): Running | undefined {
    const running = this.running.get(task.id);
    return running?.token === token ? running : undefined;
  }

  /** @throws Refusal `lease-lost` when it has ended, or another has it */
  held(claim: Claim): Running {
    const running = this.of(claim);
    if (running && !running.ending) return running;
    const { token } = claim;
    const { id } = claim.task;
    throw new Refusal("lease-lost", `task ${id}: the lease with token ${token} is no longer held`, { id, token });
  }

  ofOwner(owner: string): Running[] {
    return [...this.running.values()].filter(({ ending, task }) => !ending && task.lease?.owner === owner);
  }

  /** Those that gave no sign of life for too long. */
  silent(): Running[] {
    const { clock, settings } = this.core;
    const limit = clock.monotonic() - settings.leaseMs;
    return [...this.running.values()].filter(({ ending, beat }) => !ending && beat <= limit);
  }

  forget(id: string): void {
    this.running.delete(id);
    if (this.running.size > 0) return;
    for (const resolve of this.idle) resolve();
    this.idle.clear();
  }

  /** Resolves once nothing runs. */
  async whenIdle(): Promise<void> {
    if (this.running.size > 0) await new Promise<void>((resolve) => this.idle.add(resolve));
  }
}
