import { ENDED_STATES } from "../tasks/states";
import type { Task } from "../tasks/task";
import { QUEUE } from "./core";
import type { Queue } from "./queue";

/** Milliseconds between two looks. */
const LOOK_MS = 60 * 1000;
/** Tasks of one commit. */
const BATCH = 500;

/**
 * Forgets ended tasks, with their logs and idempotency keys: those that ended too long ago, and the oldest of too many.
 * Those that a task depends on which has not ended are kept. The audit log keeps all that was done.
 */
export class Retention {
  private off: () => void = () => undefined;
  private stopped = false;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly queue: Queue,
    private readonly onError: (error: unknown) => void,
  ) {
    this.later();
  }

  /** Looks at once; resolves once what is to be forgotten is. */
  async look(): Promise<void> {
    this.looking ??= this.forgetAll()
      // The next look tries again.
      .catch(this.onError)
      .finally(() => (this.looking = undefined));
    await this.looking;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.off();
    await this.looking;
  }

  private later(): void {
    this.off = this.queue.core.clock.after(LOOK_MS, () => {
      void this.look().then(() => {
        if (!this.stopped) this.later();
      });
    });
  }

  private async forgetAll(): Promise<void> {
    const { storage, clock, settings } = this.queue.core;
    const { completed, failed, cancelled } = await storage.counts();
    const limit = clock.now() - settings.keep.ms;
    let excess = completed + failed + cancelled - settings.keep.tasks;
    let needed: Set<string> | undefined;
    let cursor: string | undefined;
    do {
      const page = await storage.tasks({ first: "oldest", states: ENDED_STATES, limit: BATCH, cursor });
      const old = page.tasks.filter((task, at) => at < excess || (task.endedAt ?? task.createdAt) < limit);
      if (old.length > 0) needed ??= await this.dependencies();
      const forgotten = old.filter(({ id }) => needed?.has(id) !== true);
      await this.forget(forgotten);
      excess -= page.tasks.length;
      // Who came later cannot have ended before.
      const isYoung = (page.tasks.at(-1)?.createdAt ?? Infinity) >= limit;
      cursor = excess <= 0 && isYoung ? undefined : page.cursor;
    } while (cursor !== undefined && !this.stopped);
  }

  /** Ids that tasks depend on which have not ended. */
  private async dependencies(): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const { dependsOn } of this.queue.core.storage.unended()) for (const id of dependsOn) ids.add(id);
    return ids;
  }

  private async forget(tasks: readonly Task[]): Promise<void> {
    if (tasks.length === 0) return;
    const { storage, clock } = this.queue.core;
    const why = `${tasks.length} ended tasks, the newest of ${new Date(tasks.at(-1)?.createdAt ?? 0).toISOString()}`;
    const { durable } = await storage.commit({
      removed: tasks.map(({ id, revision }) => ({ id, revision })),
      audit: [{ at: clock.now(), by: QUEUE, action: "tasks.forgotten", why }],
    });
    await durable;
  }
}
