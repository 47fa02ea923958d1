import { Cron } from "croner";
import type { Storage } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import type { Json, JsonObject } from "../tasks/json";
import { hasEnded } from "../tasks/states";
import type { Submission } from "../tasks/submission";
import type { Queue } from "./queue";

/**
 * What is done when a time comes and the task of the time before has not ended: `allow` submits beside it, `skip` leaves
 * the time out, `replace` cancels it first.
 */
export const OVERLAPS = ["skip", "allow", "replace"] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What a schedule is made of. */
export interface ScheduleAsked {
  id: string;
  /** Cron expression of five fields, as `0 3 * * 1-5`; six with seconds before them. */
  cron: string;
  /** As `Europe/Prague`. Default: UTC. */
  timezone?: string | undefined;
  overlap: Overlap;
  /** The last one is what is asked for; others come before it, as a preview does. */
  tasks: readonly Submission[];
  /** The same as whoever asked has put it, to be shown. */
  asked: JsonObject;
}

/** Tasks that are submitted again and again. */
export interface Schedule extends ScheduleAsked {
  by: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** The last time that was dealt with: milliseconds since 1970. */
  last: number;
  /** The last task that was submitted. */
  lastTask?: string | undefined;
  paused?: { by: string; at: number; why: string } | undefined;
}

/** The collection of documents that schedules are kept in. */
const SCHEDULES = "schedules";
/** Milliseconds after which the next time is held against the clock again: it may have jumped. */
const RECHECK_MS = 60 * 1000;
/** Schedules at once. */
const MOST = 1000;
/** Next times that are told. */
const NEXT = 5;

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

  /** All, by their ids. */
  async all(): Promise<Schedule[]> {
    const all = (await this.storage.documents(SCHEDULES)).map(({ value }) => value as unknown as Schedule);
    return all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** @throws Refusal `not-found` */
  async get(id: string): Promise<Schedule> {
    const found = await this.storage.document(SCHEDULES, id);
    if (!found) throw new Refusal("not-found", `no schedule ${id}`, { id });
    return found.value as unknown as Schedule;
  }

  /**
   * Adds a schedule.
   *
   * @throws Refusal `schedule-exists`, `queue-full` when there are too many, `invalid` for an expression or a time zone
   *   that is none, and for one that never comes
   */
  async add(asked: ScheduleAsked, by: string): Promise<Schedule> {
    const now = this.queue.core.clock.now();
    assertComes(asked, now);
    const { id, cron } = asked;
    const schedule: Schedule = { ...asked, by, createdAt: now, last: now };
    await this.inTurn(async () => {
      if (await this.storage.document(SCHEDULES, id)) {
        throw new Refusal("schedule-exists", `there is a schedule ${id} already; delete it first`, { id });
      }
      const { length } = await this.storage.documents(SCHEDULES);
      if (length >= MOST) throw new Refusal("queue-full", `there are ${length} schedules, of at most ${MOST}`);
      await this.write(id, schedule, { action: "schedule.set", by, why: `${id}: ${cron}` });
    });
    this.look();
    return schedule;
  }

  /** @throws Refusal `not-found` */
  async remove(id: string, by: string, why: string): Promise<Schedule> {
    return this.inTurn(async () => {
      const schedule = await this.get(id);
      await this.write(id, undefined, { action: "schedule.removed", by, why: `${id}: ${why}` });
      return schedule;
    });
  }

  /** Submits nothing until it is resumed; what was submitted goes on. @throws Refusal `not-found` */
  async pause(id: string, by: string, why: string): Promise<Schedule> {
    const at = this.queue.core.clock.now();
    return this.change(id, { paused: { by, at, why } }, { action: "schedule.paused", by, why });
  }

  /** The times that passed meanwhile are not made up for. @throws Refusal `not-found` */
  async resume(id: string, by: string, why: string): Promise<Schedule> {
    const last = this.queue.core.clock.now();
    const schedule = await this.change(id, { paused: undefined, last }, { action: "schedule.resumed", by, why });
    this.look();
    return schedule;
  }

  /** When a schedule is due next, the soonest first: milliseconds since 1970. None while it is paused. */
  next(schedule: Schedule): number[] {
    if (schedule.paused) return [];
    return cronOf(schedule)
      .nextRuns(NEXT, new Date(this.queue.core.clock.now()))
      .map((date) => date.getTime());
  }

  stop(): void {
    this.stopped = true;
    this.off?.();
  }

  private get storage(): Storage {
    return this.queue.core.storage;
  }

  private async change(
    id: string,
    changes: Partial<Schedule>,
    { why, ...note }: { action: string; by: string; why: string },
  ): Promise<Schedule> {
    return this.inTurn(async () => {
      const schedule = { ...(await this.get(id)), ...changes };
      await this.write(id, schedule, { ...note, why: `${id}: ${why}` });
      return schedule;
    });
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
      if (found.paused) continue;
      try {
        const schedule = found.last > now ? await this.setBack(found, now) : found;
        const due = lastDue(schedule, now);
        if (due !== undefined && !this.stopped) await this.submit(schedule, due);
      } catch (error) {
        // A full disk, a queue that takes nothing: the time is tried again, and the others are not held up.
        this.onError(error);
      }
      const next = nextOf(found, now);
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
    const { id, tasks, by, overlap, lastTask } = schedule;
    const at = new Date(due).toISOString();
    const note = { by: `schedule ${id}`, why: `due at ${at}` };
    const state = lastTask === undefined ? undefined : await this.storage.stateOf(lastTask);
    if (lastTask !== undefined && state !== undefined && !hasEnded(state) && overlap !== "allow") {
      const running = `${note.why}: task ${lastTask} of the time before has not ended`;
      if (overlap === "skip") {
        await this.write(id, { ...schedule, last: due }, { ...note, action: "schedule.skipped", why: running });
        return;
      }
      await this.cancel(lastTask, `schedule ${id}`, running);
    }
    // A crash between the two finds the tasks by their keys.
    const keyed = tasks.map((task, place) => ({
      ...task,
      key: `schedule ${id} ${at}${place === tasks.length - 1 ? "" : `/${place}`}`,
    }));
    const submitted = await this.queue.submitAll(keyed, scheduledBy(id, by));
    const last = { ...schedule, last: due, lastTask: submitted.at(-1)?.task.id };
    await this.write(id, last, { ...note, action: "schedule.submitted" });
  }

  private async cancel(task: string, by: string, why: string): Promise<void> {
    try {
      await this.queue.cancel(task, by, why);
    } catch (error) {
      // It has ended in between.
      if (!(error instanceof Refusal && error.code === "wrong-state")) throw error;
    }
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

/** Who submits for a schedule. */
function scheduledBy(id: string, by: string): string {
  return `schedule ${id} of ${by}`;
}

/** The person behind a submission: of what a schedule submits, whoever made it. */
export function personBehind(by: string): string {
  return /^schedule [\w-]+ of (.*)$/.exec(by)?.[1] ?? by;
}

/** The last time at or before now that was not submitted; undefined when there is none. */
export function lastDue(schedule: Pick<Schedule, "cron" | "timezone" | "last">, now: number): number | undefined {
  const first = nextOf(schedule, schedule.last);
  if (first === undefined || first > now) return undefined;
  // One second later, since the times before a moment do not hold the moment itself.
  const [previous] = cronOf(schedule).previousRuns(1, new Date(now + 1000));
  return Math.max(first, previous ? previous.getTime() : first);
}

type Times = Pick<Schedule, "cron" | "timezone">;

/** @throws Refusal `invalid`, with the field that is to blame */
function assertComes(times: Times, now: number): void {
  const { cron, timezone = "UTC" } = times;
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw invalid("timezone", `there is no time zone ${timezone}; give one as Europe/Prague`);
  }
  let next: number | undefined;
  try {
    next = nextOf(times, now);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    throw invalid("cron", `${cron} is no cron expression: ${reason}; give one as 0 3 * * 1-5`);
  }
  if (next === undefined) throw invalid("cron", `${cron} never comes`);
}

function invalid(field: string, message: string): Refusal {
  return new Refusal("invalid", message, { field });
}

function nextOf(times: Times, after: number): number | undefined {
  return cronOf(times).nextRun(new Date(after))?.getTime();
}

function cronOf({ cron, timezone = "UTC" }: Times): Cron {
  return new Cron(cron, { timezone, paused: true, mode: "5-or-6-parts" });
}
