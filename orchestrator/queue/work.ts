import type { LogLine } from "../storage/storage";
import type { Json } from "../tasks/json";
import type { Progress, TaskError } from "../tasks/task";
import type { Clock } from "./clock";
import type { Taking } from "./claims";
import type { Claim } from "./leases";
import type { Queue } from "./queue";
import type { QueueSettings } from "./settings";

/** Where a runner gets tasks from, and to whom it says what becomes of them: its own queue, or another process's. */
export interface Work {
  readonly clock: Clock;
  readonly settings: Pick<QueueSettings, "leaseMs" | "graceMs">;
  /** Calls whenever there may be a task. @returns what ends it */
  onReady(run: () => void): () => void;
  /** Tasks that are to be begun now: at most so many. */
  take(most: number): Promise<readonly Claim[]>;
  /** Is called when a task that runs must stop: at once when it was told so before. */
  onStop(claim: Claim, stop: (why: string) => void): void;
  /** Whether it may still say how its task ends. */
  isHeld(claim: Claim): boolean;
  /** A sign of life. @throws Refusal `lease-lost` */
  beat(claim: Claim): Promise<void>;
  /** Looks for those that gave none for too long. */
  reap(): Promise<void>;
  progress(claim: Claim, progress: Progress): Promise<void>;
  log(claim: Claim, lines: readonly LogLine[]): Promise<void>;
  /** Resolves once what it has printed survives a crash. */
  flushLog(claim: Claim): Promise<void>;
  /** The three resolve once it is durable. @throws Refusal `lease-lost` */
  complete(claim: Claim, result: Json | undefined): Promise<unknown>;
  fail(claim: Claim, error: TaskError): Promise<unknown>;
  handBack(claim: Claim, why: string): Promise<unknown>;
}

/** Work of a queue in this process. */
export class OwnWork implements Work {
  readonly clock: Clock;
  readonly settings: QueueSettings;

  /** @param taking Which tasks. Default: all. */
  constructor(
    private readonly queue: Queue,
    private readonly taking: Taking = {},
  ) {
    ({ clock: this.clock, settings: this.settings } = queue.core);
  }

  onReady(run: () => void): () => void {
    return this.queue.core.onReady(run);
  }

  async take(most: number): Promise<readonly Claim[]> {
    return this.queue.claims.take(most, this.taking);
  }

  onStop(claim: Claim, stop: (why: string) => void): void {
    this.queue.claims.onStop(claim, stop);
  }

  isHeld(claim: Claim): boolean {
    return this.queue.claims.isHeld(claim);
  }

  beat(claim: Claim): Promise<void> {
    return new Promise((resolve) => {
      this.queue.claims.beat(claim);
      resolve();
    });
  }

  async reap(): Promise<void> {
    await this.queue.claims.reap();
  }

  async progress(claim: Claim, progress: Progress): Promise<void> {
    await this.queue.claims.progress(claim, progress);
  }

  async log({ task }: Claim, lines: readonly LogLine[]): Promise<void> {
    await this.queue.core.storage.appendLog(task.id, lines);
  }

  async flushLog({ task }: Claim): Promise<void> {
    await this.queue.core.storage.flushLog(task.id);
  }

  async complete(claim: Claim, result: Json | undefined): Promise<unknown> {
    return this.queue.claims.complete(claim, result);
  }

  async fail(claim: Claim, error: TaskError): Promise<unknown> {
    return this.queue.claims.fail(claim, error);
  }

  async handBack(claim: Claim, why: string): Promise<unknown> {
    return this.queue.claims.handBack(claim, why);
  }
}
