import type { AuditNote } from "../storage/audit";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { TaskKind } from "../tasks/kinds";
import { moved } from "../tasks/moved";
import { changed, headOf, type Progress, type Task, type TaskError, type TaskHead } from "../tasks/task";
import type { Entry } from "./board";
import type { Change, Core } from "./core";
import { Endings } from "./endings";
import { completed, failed, handedBack, lost } from "./ends";
import { Leases, type Claim, type Running } from "./leases";

/** What somebody takes. */
export interface Taking {
  /** Kinds that may be among it. Default: all. */
  of?: (kind: TaskKind) => boolean;
  /** Who runs it. Default: the queue's own process. */
  owner?: string;
}

/** Tasks that run: who may run them, and what those who do say. Tasks that begin together are written together. */
export class Claims {
  private readonly leases: Leases;
  private readonly endings: Endings;

  constructor(private readonly core: Core) {
    this.leases = new Leases(core);
    this.endings = new Endings(core, this.leases);
  }

  get size(): number {
    return this.leases.size;
  }

  /** Gives the next tasks to whoever asks: at most so many, fewer when no more may run. */
  async take(most: number, { of, owner = this.core.owner }: Taking = {}): Promise<Claim[]> {
    const { core } = this;
    const claims: Claim[] = [];
    while (claims.length < most && core.storage.health().state === "ok") {
      const entries: Entry[] = [];
      for (let entry = core.board.take(of); entry; entry = core.board.take(of)) {
        entries.push(entry);
        if (claims.length + entries.length === most) break;
      }
      if (entries.length === 0) break;
      for (const { task, token } of await this.start(entries, owner)) claims.push({ task, token });
    }
    return claims;
  }

  /** Tasks that run for another process's queue: whoever has their tokens goes on, for a whole lease without a sign of life. */
  async adopt(heads: readonly TaskHead[]): Promise<void> {
    for (const task of await this.core.storage.tasksById(heads.map(({ id }) => id))) {
      if (task?.lease) this.leases.begin(this.core.board.adopt(headOf(task)), task, task.lease.token);
    }
  }

  /** Is called when a task that runs must stop: at once when it was told so before. */
  onStop(claim: Claim, stop: (why: string) => void): void {
    const running = this.leases.of(claim);
    if (!running) stop("its lease was lost");
    else {
      running.stop = stop;
      if (running.task.cancelling) stop(running.task.cancelling.why);
    }
  }

  /** Whether it may still say how its task ends. */
  isHeld(claim: Claim): boolean {
    return this.leases.of(claim) !== undefined;
  }

  /** A sign of life. It is not stored: whoever takes up the queue waits for a whole lease in any case. @throws Refusal `lease-lost` */
  beat(claim: Claim): void {
    this.leases.held(claim).beat = this.core.clock.monotonic();
  }

  /** Tasks that somebody runs. */
  of(owner: string): { task: Task; token: number; stopping: string | undefined }[] {
    return this.leases.ofOwner(owner).map(({ task, token }) => ({ task, token, stopping: task.cancelling?.why }));
  }

  /** @throws Refusal `lease-lost` */
  async progress(claim: Claim, progress: Progress): Promise<void> {
    this.leases.held(claim).beat = this.core.clock.monotonic();
    const { task } = await this.change(claim, (before) => changed(before, { progress }));
    this.core.tell({ type: "progress", task });
  }

  /** Resolves once it is durable. @throws Refusal `lease-lost` */
  async complete(claim: Claim, result: Json | undefined, why = "completed"): Promise<Task> {
    return this.endings.store(claim, completed(this.core, result, why));
  }

  /**
   * An attempt has failed: the task waits for another one, or rests as a dead letter. One that was asked to stop is
   * cancelled.
   *
   * @throws Refusal `lease-lost`
   */
  async fail(claim: Claim, error: TaskError): Promise<Task> {
    return this.endings.store(claim, failed(this.core, error));
  }

  /** Gives a task back that was not finished, through no fault of its own. @throws Refusal `lease-lost` */
  async handBack(claim: Claim, why: string): Promise<Task> {
    return this.endings.store(claim, handedBack(this.core, why));
  }

  /** Asks a task that runs to stop; undefined when it does not run here. */
  async cancel(id: string, by: string, why: string): Promise<Task | undefined> {
    const running = this.leases.get(id);
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
    const ends = this.leases.silent().map(async (running) => {
      running.stop?.("its lease was lost");
      await this.endings.store(
        running,
        lost(({ lease }) => `no sign of life of ${lease?.owner ?? "its owner"}`),
      );
    });
    await Promise.all(ends);
  }

  /** Resolves once nothing runs. */
  async whenIdle(): Promise<void> {
    await this.leases.whenIdle();
  }

  /** @returns those of them that now run */
  private async start(entries: readonly Entry[], owner: string): Promise<Running[]> {
    const { core } = this;
    const starts: { entry: Entry; token: number; change: Change }[] = [];
    const gone: { entry: Entry; task: Task | undefined }[] = [];
    try {
      const tasks = await core.storage.tasksById(entries.map(({ head }) => head.id));
      entries.forEach((entry, at) => {
        const before = tasks[at];
        const token = this.leases.nextToken(entry.head.lease?.token);
        if (before?.state !== "pending") gone.push({ entry, task: before });
        else starts.push({ entry, token, change: { before, after: this.begun(before, token, owner) } });
      });
      // A crash may undo it: then another attempt begins.
      const { tasks: written } = await core.commit(
        starts.map(({ change }) => change),
        { later: true },
      );
      for (const { entry, task } of gone) await this.drop(entry, task);
      return starts.map(({ entry, token, change }, at) => this.leases.begin(entry, written[at] ?? change.after, token));
    } catch (error) {
      const isConflict = error instanceof Refusal && error.code === "conflict";
      // Somebody has changed one of them in between.
      if (isConflict && entries.length > 1)
        return (await Promise.all(entries.map((one) => this.start([one], owner)))).flat();
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

  private begun(task: Task, token: number, owner: string): Task {
    const at = this.core.clock.now();
    const attempts = task.attempts + 1;
    return moved(
      task,
      "running",
      { at, by: owner, why: `attempt ${attempts}` },
      { attempts, startedAt: at, progress: undefined, notBefore: undefined, lease: this.leases.leaseOf(token, owner) },
    );
  }

  /** The task is no longer what the board believes. */
  private async drop(entry: Entry, task: Task | undefined): Promise<void> {
    const { core } = this;
    core.board.leave(entry);
    if (task?.state === "pending") core.board.again(entry, headOf(task), core.dueOf(task));
    else await core.end(entry, task?.state === "completed");
  }

  private async change(claim: Claim, make: (task: Task) => Task, note?: AuditNote) {
    const running = this.leases.held(claim);
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
}
