import { LeaseLost, Refusal, taskErrorOf } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Progress, Task, TaskError } from "../tasks/task";
import type { LogLine } from "../storage/storage";
import type { Claim } from "./leases";
import { turn } from "./core";
import type { Work } from "./work";

/** Ends that are not yet durable, at most: what a slow disk holds up must not fill the memory. */
const UNSETTLED = 1024;
/** Tasks that begin in one turn of the event loop, at most: others have their turn too. */
const TOGETHER = 256;

/** What a task can do while it runs. */
export interface TaskContext {
  /** Aborted when the task must stop: cancelled, out of time, lease lost, service stopping. Its reason says which. */
  readonly signal: AbortSignal;
  /** Fencing token of this attempt. */
  readonly token: number;
  progress(progress: Progress): Promise<void>;
  log(lines: readonly LogLine[]): Promise<void>;
}

/**
 * Runs one attempt of a task. Resolves with its result; rejects with a `PermanentError` when another attempt would fail
 * in the same way. Must end soon after the signal, by rejecting.
 */
export type Execute = (task: Task, context: TaskContext) => Promise<Json | undefined>;

/** Runs what it is given, as many at once as that is. */
export class Runner {
  private readonly attempts = new Set<Attempt>();
  private readonly offReady: () => void;
  private offBeat: () => void;
  private unsettled = 0;
  private filling = false;
  private again = false;
  private stopped = false;
  private readonly idle = new Set<() => void>();

  /** @param onError Hears of what nobody waits for: a storage that is broken, a bug. */
  constructor(
    private readonly work: Work,
    private readonly execute: Execute,
    private readonly onError: (error: unknown) => void,
  ) {
    this.offReady = work.onReady(() => {
      this.fill();
    });
    this.offBeat = this.beatLater();
    this.fill();
  }

  /** Begins nothing more, tells what runs to stop, and resolves once all is handed back or ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.offReady();
    for (const attempt of this.attempts) attempt.stop("shutdown", "the service is stopping");
    if (this.attempts.size + this.unsettled > 0) await new Promise<void>((resolve) => this.idle.add(resolve));
    this.offBeat();
  }

  private fill(): void {
    this.again = true;
    if (this.filling) return;
    this.filling = true;
    void this.claimAll();
  }

  private async claimAll(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        // Places that become free in the same turn are filled together.
        await turn();
        const most = Math.min(TOGETHER, UNSETTLED - this.unsettled);
        const claims = this.stopped || most <= 0 ? [] : await this.work.take(most);
        for (const claim of claims) this.begin(claim);
        this.again ||= claims.length > 0;
      }
    } catch (error) {
      this.onError(error);
    } finally {
      this.filling = false;
    }
  }

  private begin(claim: Claim): void {
    const attempt = new Attempt(this.work, claim);
    this.attempts.add(attempt);
    if (this.stopped) attempt.stop("shutdown", "the service is stopping");
    void this.run(attempt);
  }

  private async run(attempt: Attempt): Promise<void> {
    const outcome = await attempt.run(this.execute);
    this.attempts.delete(attempt);
    this.unsettled++;
    // By itself: what it took to run need not be kept until the disk has its end.
    void this.settle(attempt.claim, outcome);
  }

  private async settle(claim: Claim, outcome: Outcome): Promise<void> {
    const { work } = this;
    try {
      if (outcome.how === "completed") await work.complete(claim, outcome.result);
      else if (outcome.how === "failed") await work.fail(claim, outcome.error);
      else await work.handBack(claim, outcome.why);
    } catch (error) {
      // Another has the task, and says how it ends.
      if (!(error instanceof Refusal && error.code === "lease-lost")) this.onError(error);
    }
    this.unsettled--;
    if (this.unsettled === UNSETTLED - TOGETHER) this.fill();
    if (this.attempts.size + this.unsettled > 0) return;
    for (const resolve of this.idle) resolve();
    this.idle.clear();
  }

  private beatLater(): () => void {
    const { clock, settings } = this.work;
    return clock.after(settings.leaseMs / 3, () => void this.beat());
  }

  private async beat(): Promise<void> {
    this.offBeat = this.beatLater();
    try {
      await Promise.all([...this.attempts].map((attempt) => attempt.beat()));
      await this.work.reap();
      // A disk that was full may have room by now.
      this.fill();
    } catch (error) {
      this.onError(error);
    }
  }
}

/** Why an attempt must stop. */
type Stop = "cancelled" | "timeout" | "shutdown" | "lease-lost";

/** How an attempt has ended. */
type Outcome =
  { how: "completed"; result: Json | undefined } | { how: "failed"; error: TaskError } | { how: "back"; why: string };

/** One attempt of a task. */
class Attempt implements TaskContext {
  private controller: AbortController | undefined;
  private stopped: { by: Stop; why: string } | undefined;
  private overdue: (() => void) | undefined;
  private offGrace: (() => void) | undefined;
  private hasLog = false;

  constructor(
    private readonly work: Work,
    readonly claim: Claim,
  ) {}

  get token(): number {
    return this.claim.token;
  }

  /** Made when it is asked for: most short tasks never do. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.stopped) this.abort(this.stopped);
    }
    return this.controller.signal;
  }

  async progress(progress: Progress): Promise<void> {
    await this.work.progress(this.claim, progress);
  }

  async log(lines: readonly LogLine[]): Promise<void> {
    this.hasLog = true;
    await this.work.log(this.claim, lines);
  }

  async run(execute: Execute): Promise<Outcome> {
    const { claim, work } = this;
    const { task } = claim;
    work.onStop(claim, (why) => {
      this.stop(work.isHeld(claim) ? "cancelled" : "lease-lost", why);
    });
    const offTimeout = work.clock.after(task.timeoutMs, () => {
      this.stop("timeout", `it took longer than ${task.timeoutMs / 1000} s`);
    });
    try {
      const result = await this.untilOverdue(execute(task, this));
      if (this.hasLog) await work.flushLog(claim);
      return { how: "completed", result };
    } catch (error) {
      if (this.hasLog) await work.flushLog(claim).catch(() => undefined);
      return this.outcomeOf(error);
    } finally {
      offTimeout();
      this.offGrace?.();
    }
  }

  stop(by: Stop, why: string): void {
    if (this.stopped) return;
    this.stopped = { by, why };
    this.abort(this.stopped);
    const { clock, settings } = this.work;
    this.offGrace = clock.after(settings.graceMs, () => this.overdue?.());
  }

  async beat(): Promise<void> {
    try {
      await this.work.beat(this.claim);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "lease-lost")) throw error;
      this.stop("lease-lost", "its lease was lost");
    }
  }

  private abort({ by, why }: { by: Stop; why: string }): void {
    this.controller?.abort(by === "lease-lost" ? new LeaseLost(why) : new Error(why));
  }

  private outcomeOf(error: unknown): Outcome {
    const { stopped } = this;
    if (stopped?.by === "shutdown") return { how: "back", why: stopped.why };
    if (stopped?.by === "timeout")
      return { how: "failed", error: { code: "timeout", message: stopped.why, permanent: false } };
    return { how: "failed", error: taskErrorOf(error) };
  }

  /** Work that does not end though it was told to is given up. */
  private async untilOverdue<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.overdue = () => {
        reject(new Error(`${this.stopped?.why ?? "it was told to stop"}, and it has not stopped`));
      };
      work.then(resolve, reject);
    });
  }
}
