import { LeaseLost, Refusal, taskErrorOf } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Progress, Task } from "../tasks/task";
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
    void this.settle(attempt);
  }

  private async settle(attempt: Attempt): Promise<void> {
    const end = await attempt.run(this.execute);
    this.attempts.delete(attempt);
    this.unsettled++;
    try {
      await end();
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

/** One attempt of a task. */
class Attempt {
  private controller: AbortController | undefined;
  private stopped: { by: Stop; why: string } | undefined;
  private overdue: (() => void) | undefined;
  private offGrace: (() => void) | undefined;
  private hasLog = false;

  constructor(
    private readonly work: Work,
    private readonly claim: Claim,
  ) {}

  /** @returns what commits its end */
  async run(execute: Execute): Promise<() => Promise<unknown>> {
    const { claim, work } = this;
    const { task } = claim;
    work.onStop(claim, (why) => {
      this.stop(work.isHeld(claim) ? "cancelled" : "lease-lost", why);
    });
    const offTimeout = work.clock.after(task.timeoutMs, () => {
      this.stop("timeout", `it took longer than ${task.timeoutMs / 1000} s`);
    });
    try {
      const result = await this.untilOverdue(execute(task, this.context()));
      if (this.hasLog) await work.flushLog(claim);
      return () => work.complete(claim, result);
    } catch (error) {
      if (this.hasLog) await work.flushLog(claim).catch(() => undefined);
      return () => this.failed(error);
    } finally {
      offTimeout();
      this.offGrace?.();
    }
  }

  stop(by: Stop, why: string): void {
    if (this.stopped) return;
    this.stopped = { by, why };
    this.controller?.abort(by === "lease-lost" ? new LeaseLost(why) : new Error(why));
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

  private async failed(error: unknown): Promise<unknown> {
    const { claim, stopped, work } = this;
    if (stopped?.by === "shutdown") return work.handBack(claim, stopped.why);
    if (stopped?.by === "timeout") return work.fail(claim, { code: "timeout", message: stopped.why, permanent: false });
    return work.fail(claim, taskErrorOf(error));
  }

  private context(): TaskContext {
    const { claim, work } = this;
    const { token } = claim;
    const signal = () => {
      if (this.controller) return this.controller.signal;
      this.controller = new AbortController();
      if (this.stopped) {
        const { by, why } = this.stopped;
        this.controller.abort(by === "lease-lost" ? new LeaseLost(why) : new Error(why));
      }
      return this.controller.signal;
    };
    return {
      // Made when it is asked for: most short tasks never do.
      get signal() {
        return signal();
      },
      token,
      progress: (progress) => work.progress(claim, progress),
      log: async (lines) => {
        this.hasLog = true;
        await work.log(claim, lines);
      },
    };
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
