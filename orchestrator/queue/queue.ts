import { randomUUID } from "node:crypto";
import type { Storage } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import { moved } from "../tasks/moved";
import { hasEnded } from "../tasks/states";
import type { Submission } from "../tasks/submission";
import { headOf, type Task } from "../tasks/task";
import type { Waiting } from "./board";
import { Claims } from "./claims";
import { systemClock, type Clock } from "./clock";
import { Core } from "./core";
import type { Listener } from "./events";
import { EVERYTHING, PAUSES, pauseId, pausesIn, pausesOf, type Pause, type PauseScope } from "./pauses";
import { recovered } from "./recovery";
import { DEFAULT_SETTINGS, type QueueSettings } from "./settings";
import { Submitting, type Submitted } from "./submit";

export interface QueueOptions {
  storage: Storage;
  /** Who runs tasks here, as `host/pid`. */
  owner: string;
  settings?: Partial<QueueSettings>;
  clock?: Clock | undefined;
  /** From 0 to below 1. */
  random?: () => number;
  /** Names of new tasks. */
  newId?: () => string;
}

/**
 * Tasks in line: who submits, cancels, retries and approves them, and who runs them (`claims`, by a `Runner`). What a
 * method has resolved survives a crash and a power loss. Reading is the storage's.
 */
export class Queue {
  /** For those who run tasks. */
  readonly claims: Claims;
  private readonly submitting: Submitting;
  /** The process is ending. */
  private draining = false;
  /** A person asked for it. */
  private drained = false;

  private constructor(
    readonly core: Core,
    newId: () => string,
  ) {
    this.claims = new Claims(core);
    this.submitting = new Submitting(core, newId);
  }

  /** Takes up where the process before has ended: tasks that it ran wait again, those that waited are in line. */
  static async open(options: QueueOptions): Promise<Queue> {
    const { storage, owner, settings, clock = systemClock, random = Math.random, newId = randomUUID } = options;
    const core = new Core(storage, { ...DEFAULT_SETTINGS, ...settings }, clock, random, `${owner}/${storage.session}`);
    core.board.pause(pausesOf(await storage.documents(PAUSES)));
    const queue = new Queue(core, newId);
    const { waiting, running } = await recovered(core);
    await queue.claims.adopt(running);
    await core.place(waiting);
    return queue;
  }

  /**
   * Submits a task; the same key gives the same task.
   *
   * @throws Refusal `invalid`, `key-reused`, `dependency-unknown`, `dependency-failed`, `queue-full`, `draining`, `disk-full`
   */
  async submit(asked: Submission, by: string): Promise<Submitted> {
    const [submitted] = await this.submitAll([asked], by);
    if (!submitted) throw new Error("a submission has a task");
    return submitted;
  }

  /** Submits all or none; they may depend on each other by `ref`. @throws Refusal also `dependency-cycle` */
  async submitAll(asked: readonly Submission[], by: string): Promise<Submitted[]> {
    if (this.draining) throw new Refusal("draining", "the service is stopping: submit again once it is back");
    if (this.drained) throw new Refusal("draining", "the service is drained: submit again once it is resumed");
    return this.submitting.submit(asked, by);
  }

  /**
   * Cancels a task that waits, or asks one that runs to stop: it is cancelled once it has.
   *
   * @throws Refusal `not-found`, `wrong-state`
   */
  async cancel(id: string, by: string, why: string): Promise<Task> {
    const stopping = await this.claims.cancel(id, by, why);
    if (stopping) return stopping;
    return this.endWaiting(id, by, why);
  }

  /** Puts a task that failed or was cancelled in line again, as if newly submitted. @throws Refusal as `submit` does */
  async retry(id: string, by: string, why: string): Promise<Task> {
    const task = await this.existing(id);
    const { state: was } = task;
    if (was !== "failed" && was !== "cancelled") {
      throw new Refusal("wrong-state", `task ${id} is ${was}: only one that failed or was cancelled is retried`, {
        id,
        state: was,
      });
    }
    for (const dependency of task.dependsOn) {
      const state = await this.core.storage.stateOf(dependency);
      if (state === "completed" || (state && !hasEnded(state))) continue;
      const details = { id: dependency, state: state ?? "gone", retried: id };
      throw new Refusal(
        "dependency-failed",
        `task ${dependency}, which it depends on, is ${details.state}: retry that first`,
        details,
      );
    }
    const at = this.core.clock.now();
    const queuedAt = this.core.queuedAt();
    const changes = { attempts: 0, queuedAt, notBefore: undefined, endedAt: undefined, error: undefined };
    const { tasks, heads, durable } = await this.core.commit([
      { before: task, after: moved(task, "pending", { at, by, why }, changes) },
    ]);
    await durable;
    await this.core.place(heads);
    return tasks[0] ?? task;
  }

  /** Lets a task run that waits for a person's word. @throws Refusal `not-found`, `wrong-state` */
  async approve(id: string, by: string, why: string): Promise<Task> {
    const task = await this.toApprove(id);
    const at = this.core.clock.now();
    const after: Task = { ...task, approval: { state: "approved", by, at, why } };
    const note = { at, by, action: "task.approved", task: id, why };
    const { tasks, durable } = await this.core.commit([{ before: task, after }], { notes: [note] });
    await durable;
    const entry = this.core.board.get(id);
    if (entry) this.core.board.approved(entry, headOf(tasks[0] ?? after));
    this.core.wake();
    return tasks[0] ?? after;
  }

  /** Cancels a task that waits for a person's word. @throws Refusal `not-found`, `wrong-state` */
  async reject(id: string, by: string, why: string): Promise<Task> {
    await this.toApprove(id);
    return this.endWaiting(id, by, `refused: ${why}`);
  }

  /** Nothing of the scope begins until it is resumed; what runs goes on. Survives a restart. */
  async pause(scope: PauseScope, by: string, why: string): Promise<void> {
    await this.setPause(scope, { at: this.core.clock.now(), by, why });
  }

  /** Ends a pause; of everything, a drain that a person asked for as well. */
  async resume(scope: PauseScope, by: string, why: string): Promise<void> {
    await this.setPause(scope, undefined, { by, why });
    if (!("all" in scope) || !this.drained) return;
    await this.noted("queue.resumed", by, why);
    this.drained = false;
    await this.applyPauses();
  }

  /** Takes no new task and begins none until everything is resumed or the process starts anew; what runs goes on. */
  async beginDrain(by: string, why: string): Promise<void> {
    await this.noted("queue.drained", by, why);
    this.drained = true;
    this.core.board.pause(EVERYTHING);
  }

  /** Whether a person asked for it, or the process is ending. */
  get isDraining(): boolean {
    return this.draining || this.drained;
  }

  /** What is paused, by whom and why. */
  async pauses(): Promise<Pause[]> {
    return pausesIn(await this.core.storage.documents(PAUSES));
  }

  /** Takes no new task, begins none, and resolves once none runs. */
  async drain(): Promise<void> {
    this.draining = true;
    this.core.board.pause(EVERYTHING);
    await this.claims.whenIdle();
  }

  /** Why a task waits; undefined when it does not. */
  waiting(id: string): Waiting | undefined {
    return this.core.board.get(id)?.waiting;
  }

  /** How many tasks wait for what, and how many run. */
  counts(): Record<Waiting | "running", number> {
    return this.core.board.counts();
  }

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    return this.core.listen(listener);
  }

  /** Stops; the storage stays open. What runs is not waited for: `drain` does that. */
  close(): void {
    this.draining = true;
    this.core.stop();
  }

  private async endWaiting(id: string, by: string, why: string): Promise<Task> {
    const task = await this.existing(id);
    const { state } = task;
    if (state !== "pending") throw new Refusal("wrong-state", `task ${id} is ${state}`, { id, state });
    const at = this.core.clock.now();
    const after = moved(task, "cancelled", { at, by, why }, { endedAt: at });
    const { tasks, durable } = await this.core.commit([{ before: task, after }]);
    await durable;
    const entry = this.core.board.get(id);
    if (entry) await this.core.end(entry, false);
    return tasks[0] ?? after;
  }

  private async existing(id: string): Promise<Task> {
    const task = await this.core.storage.task(id);
    if (!task) throw new Refusal("not-found", `no task ${id}`, { id });
    return task;
  }

  private async toApprove(id: string): Promise<Task> {
    const task = await this.existing(id);
    if (task.state === "pending" && task.approval?.state === "waiting") return task;
    const state = task.approval && task.state === "pending" ? task.approval.state : task.state;
    throw new Refusal("wrong-state", `task ${id} does not wait for an approval: it is ${state}`, { id, state });
  }

  private async setPause(
    scope: PauseScope,
    value: { at: number; by: string; why: string } | undefined,
    resumed?: { by: string; why: string },
  ): Promise<void> {
    const { storage, clock } = this.core;
    const id = pauseId(scope);
    const found = await storage.document(PAUSES, id);
    if (!found && !value) return;
    const { by, why } = value ?? resumed ?? { by: "", why: "" };
    const action = value ? "queue.paused" : "queue.resumed";
    const { durable } = await storage.commit({
      documents: [{ collection: PAUSES, id, revision: found?.revision ?? 0, value }],
      audit: [{ at: clock.now(), by, action, why: `${id}: ${why}` }],
    });
    await durable;
    await this.applyPauses();
  }

  private async applyPauses(): Promise<void> {
    if (this.isDraining) return;
    const { board, storage } = this.core;
    board.pause(pausesOf(await storage.documents(PAUSES)));
    this.core.wake();
  }

  private async noted(action: string, by: string, why: string): Promise<void> {
    const { storage, clock } = this.core;
    const { durable } = await storage.commit({ audit: [{ at: clock.now(), by, action, why: `all: ${why}` }] });
    await durable;
  }
}
