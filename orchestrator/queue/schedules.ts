import { Cron } from "croner";
import type { Storage } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Submission } from "../tasks/submission";
import type { Queue } from "./queue";

/** A task that is submitted again and again. */
export interface Schedule {
  id: string;
  /** Cron expression of five fields, as `0 3 * * 1-5`; six with seconds before them. */
  cron: string;
  /** As `Europe/Prague`. Default: UTC. */
  timezone?: string;
  task: Submission;
  by: string;
  /** The last time that it was submitted for: milliseconds since 1970. */
  last: number;
}

/** The collection of documents that schedules are kept in. */
export const SCHEDULES = "schedules";
/** Milliseconds after which the next time is held against the clock again: it may have jumped. */
const RECHECK_MS = 60 * 1000;

/**
 * Submits tasks by the clock. Each time is submitted once, whatever crashes in between; of the times that passed while
 * nobody was there, or that the clock jumped over, only the last one.
 */
export class Schedules {
  private off: (() => void) | undefined;
  private stopped = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly queue: Queue,
    private readonly onError: (error: unknown) => void,
  ) {
    this.look();
  }

  async all(): Promise<Schedule[]> {
    return (await this.storage.documents(SCHEDULES)).map(({ value }) => value as unknown as Schedule);
  }

  /**
   * Adds a schedule, or changes the one with this id.
   *
   * @throws Refusal `invalid` for an expression or a time zone that is none
   */
  async set(asked: Omit<Schedule, "last" | "by">, by: string): Promise<Schedule> {
    const now = this.queue.core.clock.now();
    nextOf(asked, now);
    const schedule = { ...asked, by, last: now };
    await this.inTurn(async () => {
      await this.write(asked.id, schedule, { action: "schedule.set", by, why: `${asked.id}: ${asked.cron}` });
    });
    this.look();
    return schedule;
  }

  /** @throws Refusal `not-found` */
  async remove(id: string, by: string, why: string): Promise<void> {
    await this.inTurn(async () => {
      if (!(await this.storage.document(SCHEDULES, id))) throw new Refusal("not-found", `no schedule ${id}`, { id });
      await this.write(id, undefined, { action: "schedule.removed", by, why: `${id}: ${why}` });
    });
  }

  /** When a schedule is due next: milliseconds since 1970; undefined when never again. */
  next(schedule: Schedule): number | undefined {
    return nextOf(schedule, this.queue.core.clock.now());
  }

  stop(): void {
    this.stopped = true;
    this.off?.();
  }

  private get storage(): Storage {
    return this.queue.core.storage;
  }

  /** Submits what is due, and looks again when the next one is. */
  private look(): void {
    this.off?.();
    this.off = undefined;
    void this.inTurn(() => this.submitDue()).catch(this.onError);
  }

  private async submitDue(): Promise<void> {
    const { clock } = this.queue.core;
    const now = clock.now();
    let wait = RECHECK_MS;
    for (const found of await this.all()) {
      const schedule = found.last > now ? await this.setBack(found, now) : found;
      const due = lastDue(schedule, now);
      if (due !== undefined && !this.stopped) await this.submit(schedule, due);
      const next = nextOf(schedule, now);
      if (next !== undefined) wait = Math.min(wait, next - now);
    }
    if (this.stopped) return;
    this.off?.();
    this.off = clock.after(wait, () => {
      this.look();
    });
  }

  /** After a clock that was ahead. What was submitted meanwhile is known by its key. */
  private async setBack(found: Schedule, now: number): Promise<Schedule> {
    const schedule = { ...found, last: now };
    const why = `${found.id}: the clock was set back`;
    await this.write(found.id, schedule, { action: "schedule.set", by: "queue", why });
    return schedule;
  }

  private async submit(schedule: Schedule, due: number): Promise<void> {
    const { id, task, by } = schedule;
    const at = new Date(due).toISOString();
    // A crash between the two finds the task by its key.
    await this.queue.submit({ ...task, key: `schedule ${id} ${at}` }, `schedule ${id} of ${by}`);
    const note = { action: "schedule.submitted", by: `schedule ${id}`, why: `due at ${at}` };
    await this.write(id, { ...schedule, last: due }, note);
  }

  private async write(
    id: string,
    value: Schedule | undefined,
    note: { action: string; by: string; why: string },
  ): Promise<void> {
    const found = await this.storage.document(SCHEDULES, id);
    const { durable } = await this.storage.commit({
      documents: [
        { collection: SCHEDULES, id, revision: found?.revision ?? 0, value: value as unknown as Json | undefined },
      ],
      audit: [{ at: this.queue.core.clock.now(), ...note }],
    });
    await durable;
  }

  private async inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(run);
    this.turn = turn.catch(() => undefined);
    return turn;
  }
}

/** The last time at or before now that was not submitted; undefined when there is none. */
export function lastDue(schedule: Schedule, now: number): number | undefined {
  const first = nextOf(schedule, schedule.last);
  if (first === undefined || first > now) return undefined;
  // One second later, since the times before a moment do not hold the moment itself.
  const [previous] = new Cron(schedule.cron, optionsOf(schedule)).previousRuns(1, new Date(now + 1000));
  return Math.max(first, previous ? previous.getTime() : first);
}

function nextOf(schedule: Pick<Schedule, "cron" | "timezone">, after: number): number | undefined {
  const { cron, timezone = "UTC" } = schedule;
  try {
    return new Cron(cron, optionsOf(schedule)).nextRun(new Date(after))?.getTime();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal("invalid", `cron: ${cron} in ${timezone}: ${reason}; as 0 3 * * 1-5 in Europe/Prague`);
  }
}

function optionsOf({ timezone = "UTC" }: Pick<Schedule, "timezone">) {
  return { timezone, paused: true };
}
