import type { AuditNote } from "../storage/audit";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import { moved } from "../tasks/moved";
import { headOf, type Progress, type Task, type TaskError } from "../tasks/task";
import { backoffMs } from "./backoff";
import type { Entry } from "./board";
import { QUEUE, type Core } from "./core";

/** The right to run a task: who has it, alone may say how it ended. */
export interface Claim {
  task: Task;
  /** Fencing token: what a task changes outside can refuse one that is smaller than the last it saw. */
  token: number;
}

interface Running {
  entry: Entry;
  task: Task;
  token: number;
  /** The last sign of life, on the clock that never jumps. */
  beat: number;
  /** Its changes, one after the other. */
  tail: Promise<unknown>;
  ending: boolean;
  stop: ((why: string) => void) | undefined;
}

/** Greater than the number of claims of any session. */
const SESSION = 2 ** 32;

/** Tasks that run: who may run them, and how they end. */
export class Claims {
  private readonly running = new Map<string, Running>();
  private claimed = 0;
  private readonly idle = new Set<() => void>();

  constructor(private readonly core: Core) {}

  get size(): number {
    return this.running.size;
  }

  /** Gives the next task to whoever asks; undefined when none may run. */
  async claim(): Promise<Claim | undefined> {
    const { core } = this;
    if (core.storage.health().state !== "ok") return undefined;
    for (let entry = core.board.take(); entry; entry = core.board.take()) {
      const running = await this.start(entry);
      if (running) return { task: running.task, token: running.token };
    }
    return undefined;
  }

  /** Is called when a task that runs must stop: at once when it was told so before. */
  onStop({ task, token }: Claim, stop: (why: string) => void): void {
    const running = this.running.get(task.id);
    if (running?.token !== token) stop("its lease was lost");
    else {
      running.stop = stop;
      if (running.task.cancelling) stop(running.task.cancelling.why);
    }
  }

  /** Whether it may still say how its task ends. */
  isHeld({ task, token }: Claim): boolean {
    return this.running.get(task.id)?.token === token;
  }

  /** A sign of life. @throws Refusal `lease-lost` */
  async beat(claim: Claim): Promise<void> {
    const running = this.held(claim);
    running.beat = this.core.clock.monotonic();
    // Where nobody else can take the task, nobody reads it.
    if (this.core.storage.exclusive) return;
    await this.change(claim, (task) => ({ ...task, lease: this.lease(running.token) }));
  }

  /** @throws Refusal `lease-lost` */
  async progress(claim: Claim, progress: Progress): Promise<void> {
    this.held(claim).beat = this.core.clock.monotonic();
    const { task } = await this.change(claim, (before) => ({ ...before, progress }));
    this.core.tell({ type: "progress", task });
  }

  /** Resolves once it is durable. @throws Refusal `lease-lost` */
  async complete(claim: Claim, result: Json | undefined, why = "completed"): Promise<Task> {
    return this.end(claim, (task, at) =>
      moved(task, "completed", { at, by: this.core.owner, why }, { ...ENDED, endedAt: at, result, error: undefined }),
    );
  }

  /**
   * An attempt has failed: the task waits for another one, or rests as a dead letter. One that was asked to stop is
   * cancelled.
   *
   * @throws Refusal `lease-lost`
   */
  async fail(claim: Claim, error: TaskError): Promise<Task> {
    const { owner, random, settings } = this.core;
    return this.end(claim, (task, at) => {
      const { cancelling, attempts, retries } = task;
      if (cancelling) {
        return moved(task, "cancelled", { at, by: cancelling.by, why: cancelling.why }, { ...ENDED, endedAt: at });
      }
      const left = retries + 1 - attempts;
      const why = `attempt ${attempts}: ${error.message}`;
      const failed = moved(task, "failed", { at, by: owner, why }, { ...ENDED, endedAt: at, error });
      if (error.permanent || left <= 0) return failed;
      const ms = backoffMs(attempts, random(), settings.backoff);
      return moved(
        failed,
        "pending",
        { at, by: QUEUE, why: `retry ${attempts} of ${retries} in ${(ms / 1000).toFixed(1)} s` },
        { notBefore: at + ms, endedAt: undefined },
      );
    });
  }

  /** Gives a task back that was not finished, through no fault of its own. @throws Refusal `lease-lost` */
  async handBack(claim: Claim, why: string): Promise<Task> {
    return this.end(claim, (task, at) => {
      const { cancelling } = task;
      if (cancelling) {
        return moved(task, "cancelled", { at, by: cancelling.by, why: cancelling.why }, { ...ENDED, endedAt: at });
      }
      return moved(task, "pending", { at, by: this.core.owner, why }, { ...ENDED, attempts: task.attempts - 1 });
    });
  }

  /** Asks a task that runs to stop; undefined when it does not run here. */
  async cancel(id: string, by: string, why: string): Promise<Task | undefined> {
    const running = this.running.get(id);
    if (!running || running.ending) return undefined;
    if (running.task.cancelling) return running.task;
    const at = this.core.clock.now();
    const claim = { task: running.task, token: running.token };
    const { task, durable } = await this.change(claim, (before) => ({ ...before, cancelling: { by, at, why } }), {
      at,
      by,
      why,
      action: "task.cancelling",
      task: id,
    });
    await durable;
    running.stop?.(why);
    return task;
  }

  /** Takes tasks from those who gave no sign of life for too long. */
  async reap(): Promise<void> {
    const { clock, settings } = this.core;
    const limit = clock.monotonic() - settings.leaseMs;
    for (const running of [...this.running.values()]) {
      if (running.ending || running.beat > limit) continue;
      const claim = { task: running.task, token: running.token };
      running.stop?.("its lease was lost");
      await this.end(claim, (task, at) => lost(task, at, `no sign of life of ${task.lease?.owner ?? "its owner"}`));
    }
  }

  /** Resolves once nothing runs. */
  async whenIdle(): Promise<void> {
    if (this.running.size > 0) await new Promise<void>((resolve) => this.idle.add(resolve));
  }

  private async start(entry: Entry): Promise<Running | undefined> {
    const { core } = this;
    const token = Math.max(core.storage.session * SESSION + ++this.claimed, entry.head.lease?.token ?? 0);
    try {
      const task = await core.storage.task(entry.head.id);
      if (task?.state !== "pending") {
        await this.drop(entry);
        return;
      }
      const attempts = task.attempts + 1;
      const at = core.clock.now();
      const after = moved(
        task,
        "running",
        { at, by: core.owner, why: `attempt ${attempts}` },
        { attempts, startedAt: at, progress: undefined, notBefore: undefined, lease: this.lease(token) },
      );
      const written = (await core.commit([{ before: task, after }])).tasks[0] ?? after;
      const running = {
        entry,
        task: written,
        token,
        beat: core.clock.monotonic(),
        tail: Promise.resolve(),
        ending: false,
        stop: undefined,
      };
      this.running.set(task.id, running);
      return running;
    } catch (error) {
      if (error instanceof Refusal && error.code === "conflict") return this.drop(entry);
      core.board.leave(entry);
      core.board.again(entry, entry.head, -Infinity);
      throw error;
    }
  }

  /** The task is no longer what the board believes. */
  private async drop(entry: Entry): Promise<undefined> {
    const { core } = this;
    core.board.leave(entry);
    const task = await core.storage.task(entry.head.id);
    if (task?.state === "pending") core.board.again(entry, headOf(task), core.dueOf(task));
    else await core.end(entry, task?.state === "completed");
    return undefined;
  }

  private lease(token: number): Task["lease"] {
    const { owner, clock, settings } = this.core;
    return { owner, token, expiresAt: clock.now() + settings.leaseMs };
  }

  private held({ task, token }: Claim): Running {
    const running = this.running.get(task.id);
    if (running?.token === token && !running.ending) return running;
    const { id } = task;
    throw new Refusal("lease-lost", `task ${id}: the lease with token ${token} is no longer held`, { id, token });
  }

  private async change(claim: Claim, make: (task: Task) => Task, note?: AuditNote) {
    const running = this.held(claim);
    return this.inTurn(running, make, note);
  }

  private async inTurn(running: Running, make: (task: Task) => Task, note?: AuditNote) {
    const turn = running.tail.then(async () => {
      const before = running.task;
      const after = make(before);
      const { tasks, durable } = await this.core.commit([{ before, after }], note ? [note] : []);
      running.task = tasks[0] ?? after;
      return { task: running.task, durable };
    });
    running.tail = turn.catch(() => undefined);
    return turn;
  }

  private async end(claim: Claim, make: (task: Task, at: number) => Task): Promise<Task> {
    const running = this.held(claim);
    const { entry } = running;
    const { id } = claim.task;
    running.ending = true;
    const { board } = this.core;
    // Its place is free; its stack, and those that depend on it, wait until a crash cannot undo the end.
    board.leave(entry);
    this.core.wake();
    try {
      const { task, durable } = await this.inTurn(running, (before) => make(before, this.core.clock.now()));
      await durable;
      if (task.state === "pending") board.again(entry, headOf(task), this.core.dueOf(task));
      this.forget(id);
      if (task.state === "pending") this.core.wake();
      else await this.core.end(entry, task.state === "completed");
      return task;
    } catch (error) {
      this.forget(id);
      if (!(error instanceof Refusal) || error.code !== "conflict") throw error;
      await this.core.end(entry, false);
      throw new Refusal("lease-lost", `task ${id}: somebody else has it`, { id, token: claim.token });
    }
  }

  private forget(id: string): void {
    this.running.delete(id);
    if (this.running.size > 0) return;
    for (const resolve of this.idle) resolve();
    this.idle.clear();
  }
}

/** What a task that does not run has not. */
const ENDED = { lease: undefined, cancelling: undefined, progress: undefined } satisfies Partial<Task>;

/** A task whose owner is gone: it waits again, unless that has happened too often. */
export function lost(task: Task, at: number, why: string): Task {
  const { cancelling } = task;
  if (cancelling) {
    return moved(task, "cancelled", { at, by: cancelling.by, why: cancelling.why }, { ...ENDED, endedAt: at });
  }
  if (task.attempts <= task.retries) return moved(task, "pending", { at, by: QUEUE, why }, ENDED);
  const error = { code: "lease-lost", message: `${why}, in ${task.attempts} attempts`, permanent: false };
  return moved(task, "failed", { at, by: QUEUE, why: error.message }, { ...ENDED, endedAt: at, error });
}
