import { Queue } from "../../../orchestrator/queue/queue";
import type { QueueSettings } from "../../../orchestrator/queue/settings";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import type { Submission } from "../../../orchestrator/tasks/submission";
import type { Task } from "../../../orchestrator/tasks/task";
import type { Claim } from "../../../orchestrator/queue/leases";
import { ASKED } from "../made";
import { DEAD, Disk } from "../storage/disk";
import { PlayedClock } from "./played-clock";

/** A queue on a disk in memory, with a clock that stands. Its tasks are `t1`, `t2` and so on. */
export class Opened {
  readonly clock = new PlayedClock();
  readonly disk = new Disk();
  random = 0.5;
  private made = 0;
  private parts: { storage: FilesystemStorage; queue: Queue } | undefined;

  constructor(private readonly settings: Partial<QueueSettings> = {}) {}

  static async create(settings: Partial<QueueSettings> = {}): Promise<Opened> {
    const opened = new Opened(settings);
    await opened.open();
    return opened;
  }

  get queue(): Queue {
    return this.open_().queue;
  }

  get storage(): FilesystemStorage {
    return this.open_().storage;
  }

  async open(): Promise<void> {
    const storage = await FilesystemStorage.open("/data", { files: this.disk, reserveBytes: 4096, processes: DEAD });
    const { clock, settings } = this;
    const queue = await Queue.open({
      storage,
      owner: "here/1",
      settings: { concurrency: { total: 100, kinds: {} }, ...settings },
      clock,
      random: () => this.random,
      newId: () => `t${++this.made}`,
    });
    this.parts = { storage, queue };
  }

  async close(): Promise<void> {
    this.queue.close();
    await this.storage.close();
  }

  /**
   * The process ends at once, with the machine, and starts again.
   *
   * @param keeps Whether a sector that was not synced is kept.
   */
  async crash(keeps: () => boolean = () => false): Promise<void> {
    const { storage, queue } = this.open_();
    queue.close();
    this.disk.losePower(keeps);
    await storage.close().catch(() => undefined);
    await this.open();
  }

  /** The process ends in order, without waiting for what runs, and starts again. */
  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async submit(asked: Partial<Submission> = {}): Promise<Task> {
    return (await this.queue.submit({ ...ASKED, ...asked }, "ann")).task;
  }

  /** Claims one task, which must be there. */
  async claim(): Promise<Claim> {
    const [claim] = await this.queue.claims.take(1);
    if (!claim) throw new Error("no task to claim");
    return claim;
  }

  /** Claims until nothing more is given. */
  async claimAll(): Promise<Claim[]> {
    return this.queue.claims.take(Infinity);
  }

  private open_(): { storage: FilesystemStorage; queue: Queue } {
    if (!this.parts) throw new Error("not open");
    return this.parts;
  }
}

/** The tasks of claims. */
export function idsOf(claims: readonly Claim[]): string[] {
  return claims.map(({ task }) => task.id);
}

export function nth(claims: readonly Claim[], at: number): Claim {
  const claim = claims[at];
  if (!claim) throw new Error(`no claim ${at}`);
  return claim;
}
