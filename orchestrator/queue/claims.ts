import type { AuditNote } from "../storage/audit";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import { moved } from "../tasks/moved";
import { changed, headOf, type Progress, type Task, type TaskError } from "../tasks/task";
import { backoffMs } from "./backoff";
import type { Entry } from "./board";
import { QUEUE, turn, type Change, type Core } from "./core";

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
  /** Its changes, one after the other; undefined: none was made. */
  tail: Promise<unknown> | undefined;
  ending: boolean;
  stop: ((why: string) => void) | undefined;
}

/** A task that has ended, and who waits for that to be stored. */
interface Ending {
  running: Running;
  make: (task: Task, at: number) => Task;
  resolve: (task: Task) => void;
  reject: (error: unknown) => void;
}

/** Greater than the number of claims of any session. */
const SESSION = 2 ** 32;

/**
 * Tasks that run: who may run them, and how they end. Those that begin together are written together, and so are those
 * that end in the same turn of the event loop.
 */
export class Claims {
  private readonly running = new Map<string, Running>();
  private claimed = 0;
  private endings: Ending[] = [];
  private storing = false;
  private readonly idle = new Set<() => void>();

  constructor(private readonly core: Core) {}

  get size(): number {
    return this.running.size;
  }

  /** Gives the next tasks to whoever asks: at most so many, fewer when no more may run. */
  async take(most: number): Promise<Claim[]> {
    const { core } = this;
    const claims: Claim[] = [];
    while (claims.length < most && core.storage.health().state === "ok") {
      const entries: Entry[] = [];
      for (let entry = core.board.take(); entry; entry = core.board.take()) {
        entries.push(entry);
        if (claims.length + entries.length === most) break;
      }
      if (entries.length === 0) break;
      for (const { task, token } of await this.start(entries)) claims.push({ task, token });
    }
    return claims;
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
    await this.change(claim, (task) => changed(task, { lease: this.lease(running.token) }));
  }

  /** @throws Refusal `lease-lost` */
  async progress(claim: Claim, progress: Progress): Promise<void> {
    this.held(claim).beat = this.core.clock.monotonic();
    const { task } = await this.change(claim, (before) => changed(before, { progress }));
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
    const { task, durable } = await this.change(claim, (before) => changed(before, { cancelling: { by, at, why } }), {
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
    const silent = [...this.running.values()].filter(({ ending, beat }) => !ending && beat <= limit);
    const ends = silent.map(async (running) => {
      const { task, token, stop } = running;
      stop?.("its lease was lost");
      await this.end({ task, token }, (now, at) =>
        lost(now, at, `no sign of life of ${now.lease?.owner ?? "its owner"}`),
      );
    });
    await Promise.all(ends);
  }

  /** Resolves once nothing runs. */
  async whenIdle(): Promise<void> {
    if (this.running.size > 0) await new Promise<void>((resolve) => this.idle.add(resolve));
  }

  /** @returns those of them that now run */
  private async start(entries: readonly Entry[]): Promise<Running[]> {
    const { core } = this;
    const starts: { entry: Entry; token: number; change: Change }[] = [];
    const gone: { entry: Entry; task: Task | undefined }[] = [];
    try {
      const tasks = await core.storage.tasksById(entries.map(({ head }) => head.id));
      entries.forEach((entry, at) => {
        const before = tasks[at];
        const token = Math.max(core.storage.session * SESSION + ++this.claimed, entry.head.lease?.token ?? 0);
        if (before?.state !== "pending") gone.push({ entry, task: before });
        else starts.push({ entry, token, change: { before, after: this.begun(before, token) } });
      });
      // A crash may undo it: then another attempt begins.
      const { tasks: written } = await core.commit(
        starts.map(({ change }) => change),
        { later: true },
      );
      for (const { entry, task } of gone) await this.drop(entry, task);
      return starts.map(({ entry, token, change }, at) => {
        const task = written[at] ?? change.after;
        const beat = core.clock.monotonic();
        const running = { entry, task, token, beat, tail: undefined, ending: false, stop: undefined };
        this.running.set(task.id, running);
        return running;
      });
    } catch (error) {
      const isConflict = error instanceof Refusal && error.code === "conflict";
      // Somebody has changed one of them in between.
      if (isConflict && entries.length > 1) return (await Promise.all(entries.map((one) => this.start([one])))).flat();
      for (const entry of entries) {
        if (isConflict) await this.drop(entry, await core.storage.task(entry.head.id));
        else {
          core.board.leave(entry);
          core.board.again(entry, entry.head, -Infinity);
        }
      }
      if (isConflict) return [];
      throw error;
    }
  }

  private begun(task: Task, token: number): Task {
    const at = this.core.clock.now();
    const attempts = task.attempts + 1;
    return moved(
      task,
      "running",
      { at, by: this.core.owner, why: `attempt ${attempts}` },
      { attempts, startedAt: at, progress: undefined, notBefore: undefined, lease: this.lease(token) },
    );
  }

  /** The task is no longer what the board believes. */
  private async drop(entry: Entry, task: Task | undefined): Promise<void> {
    const { core } = this;
    core.board.leave(entry);
    if (task?.state === "pending") core.board.again(entry, headOf(task), core.dueOf(task));
    else await core.end(entry, task?.state === "completed");
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
    const turn = (running.tail ?? Promise.resolve()).then(async () => {
      const before = running.task;
      const after = make(before);
      const { tasks, durable } = await this.core.commit([{ before, after }], { notes: note ? [note] : [] });
      running.task = tasks[0] ?? after;
      return { task: running.task, durable };
    });
    running.tail = turn.catch(() => undefined);
    return turn;
  }

  private async end(claim: Claim, make: Ending["make"]): Promise<Task> {
    const running = this.held(claim);
    running.ending = true;
    // Its place is free; its stack, and those that depend on it, wait until a crash cannot undo the end.
    this.core.board.leave(running.entry);
    this.core.wake();
    if (running.tail) await running.tail;
    return new Promise((resolve, reject) => {
      this.endings.push({ running, make, resolve, reject });
      if (!this.storing) void this.storeEndings();
    });
  }

  private async storeEndings(): Promise<void> {
    this.storing = true;
    while (this.endings.length > 0) {
      await turn();
      const endings = this.endings;
      this.endings = [];
      await this.store(endings);
    }
    this.storing = false;
  }

  private async store(endings: readonly Ending[]): Promise<void> {
    const at = this.core.clock.now();
    try {
      const { tasks, durable } = await this.core.commit(
        endings.map(({ running, make }) => ({ before: running.task, after: make(running.task, at) })),
      );
      const fail = (error: unknown) => {
        for (const ending of endings) this.unstored(ending, error);
      };
      void durable.then(() => {
        endings.forEach((ending, of) => {
          this.stored(ending, tasks[of] ?? ending.running.task);
        });
      }, fail);
    } catch (error) {
      const isConflict = error instanceof Refusal && error.code === "conflict";
      if (isConflict && endings.length > 1) for (const ending of endings) await this.store([ending]);
      else for (const ending of endings) this.unstored(ending, error);
    }
  }

  private stored({ running, resolve, reject }: Ending, task: Task): void {
    const { core } = this;
    if (task.state === "pending") {
      core.board.again(running.entry, headOf(task), core.dueOf(task));
      this.forget(task.id);
      core.wake();
      resolve(task);
      return;
    }
    this.forget(task.id);
    core.end(running.entry, task.state === "completed").then(() => {
      resolve(task);
    }, reject);
  }

  private unstored({ running, reject }: Ending, error: unknown): void {
    const { id } = running.task;
    this.forget(id);
    if (!(error instanceof Refusal) || error.code !== "conflict") {
      reject(error);
      return;
    }
    const lost = new Refusal("lease-lost", `task ${id}: somebody else has it`, { id, token: running.token });
    const refuse = () => {
      reject(lost);
    };
    this.core.end(running.entry, false).then(refuse, reject);
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
