import type { Clock } from "../queue/clock";
import type { Claim } from "../queue/leases";
import type { QueueSettings } from "../queue/settings";
import type { Work } from "../queue/work";
import type { LogLine } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Progress, TaskError } from "../tasks/task";
import type { Desk, Ended, Held, Said } from "./desk";

/** Milliseconds before the leader is asked again, where there is none or it does not answer. */
const AGAIN_MS = 100;
/** Part of a lease without an answer after which a task is given up here: it takes a while until it has stopped. */
const PATIENCE = 0.6;

interface Mine {
  claim: Claim;
  /** When what the leader last answered about it was sent, on the clock that never jumps. */
  answered: number;
  stop: ((why: string) => void) | undefined;
  /** Why it must stop. */
  stopping: string | undefined;
  /** It is another's, and has still to stop here. */
  lost: boolean;
}

export interface SharedWorkOptions {
  /** Name of this node, of this life of it. */
  node: string;
  /** Tasks that it runs at once. */
  concurrency: number;
  clock: Clock;
  settings: Pick<QueueSettings, "leaseMs" | "graceMs">;
  /** The desk of whoever leads at present. */
  desk: () => Desk | undefined;
}

/** Work of the queue of whoever leads: the same tasks go on through a change of leaders. */
export class SharedWork implements Work {
  readonly clock: Clock;
  readonly settings: Pick<QueueSettings, "leaseMs" | "graceMs">;
  /** By token: a task may come back before its last attempt has stopped. */
  private readonly mine = new Map<number, Mine>();
  private arrived: Claim[] = [];
  /** Ends a question that was asked while there was no place free. */
  private full: AbortController | undefined;
  private readonly readies = new Set<() => void>();
  private logs: Said["logs"][number][] = [];
  private readonly progresses = new Map<string, Said["progress"][number]>();
  private ends: { end: Ended; resolve: () => void; reject: (error: unknown) => void }[] = [];
  private n = 0;
  private saying: Promise<void> | undefined;
  private taking = true;
  private readonly closed = new AbortController();
  private readonly asking: Promise<void>;
  private readonly watching: NodeJS.Timeout;

  constructor(private readonly options: SharedWorkOptions) {
    ({ clock: this.clock, settings: this.settings } = options);
    this.asking = this.ask();
    this.watching = setInterval(() => void this.reap(), this.settings.leaseMs / 20).unref();
  }

  /** How many tasks it runs. */
  get size(): number {
    return this.mine.size;
  }

  /** Gets no more tasks. */
  rest(): void {
    this.taking = false;
  }

  async close(): Promise<void> {
    this.closed.abort();
    clearInterval(this.watching);
    await this.asking;
    await this.saying?.catch(() => undefined);
  }

  onReady(run: () => void): () => void {
    this.readies.add(run);
    return () => this.readies.delete(run);
  }

  take(most: number): Promise<readonly Claim[]> {
    return Promise.resolve(this.arrived.splice(0, most));
  }

  onStop(claim: Claim, stop: (why: string) => void): void {
    const mine = this.of(claim);
    if (!mine) stop("its lease was lost");
    else {
      mine.stop = stop;
      if (mine.stopping !== undefined) stop(mine.stopping);
    }
  }

  isHeld(claim: Claim): boolean {
    return this.of(claim) !== undefined;
  }

  async beat(claim: Claim): Promise<void> {
    if (!this.of(claim)) throw lostOf(claim);
    // Whether it arrives tells `reap`.
    await this.say().catch(() => undefined);
  }

  /** Gives up what the leader has not answered about for too long: another node may run it soon. */
  reap(): Promise<void> {
    const limit = this.clock.monotonic() - this.settings.leaseMs * PATIENCE;
    for (const mine of this.mine.values()) {
      if (mine.answered <= limit) this.lose(mine, "the leader has not answered for too long");
    }
    return Promise.resolve();
  }

  async progress(claim: Claim, progress: Progress): Promise<void> {
    if (!this.of(claim)) throw lostOf(claim);
    const { token } = claim;
    this.progresses.set(claim.task.id, { id: claim.task.id, token, progress });
    await this.say().catch(() => undefined);
  }

  async log(claim: Claim, lines: readonly LogLine[]): Promise<void> {
    this.logs.push({ n: ++this.n, id: claim.task.id, token: claim.token, lines });
    await this.say().catch(() => undefined);
  }

  async flushLog(claim: Claim): Promise<void> {
    while (this.isHeld(claim) && this.logs.some(({ token }) => token === claim.token)) {
      await this.say().catch(async () => this.pause());
    }
  }

  async complete(claim: Claim, result: Json | undefined): Promise<unknown> {
    return this.end(claim, { ...nameOf(claim), how: "completed", result });
  }

  async fail(claim: Claim, error: TaskError): Promise<unknown> {
    return this.end(claim, { ...nameOf(claim), how: "failed", error });
  }

  async handBack(claim: Claim, why: string): Promise<unknown> {
    return this.end(claim, { ...nameOf(claim), how: "back", why });
  }

  private async end(claim: Claim, end: Ended): Promise<void> {
    try {
      if (!this.of(claim)) throw lostOf(claim);
      const said = new Promise<void>((resolve, reject) => this.ends.push({ end, resolve, reject }));
      void this.saidAll(claim);
      await said;
    } finally {
      this.mine.delete(claim.token);
      this.full?.abort();
    }
  }

  /** Says what there is until the end of a task has been heard, or it is lost. */
  private async saidAll({ token }: Claim): Promise<void> {
    while (this.ends.some(({ end }) => end.token === token)) {
      await this.say().catch(async () => this.pause());
      await this.reap();
    }
  }

  private of({ token }: Claim): Mine | undefined {
    const mine = this.mine.get(token);
    return mine?.lost === false ? mine : undefined;
  }

  private lose(mine: Mine, why: string): void {
    if (mine.lost) return;
    const { claim } = mine;
    mine.lost = true;
    this.logs = this.logs.filter(({ token }) => token !== claim.token);
    this.ends = this.ends.filter(({ end, reject }) => {
      if (end.token !== claim.token) return true;
      reject(lostOf(claim));
      return false;
    });
    mine.stop?.(why);
  }

  /** Those that run here: also what is another's and has still to stop, which nobody may begin with before. */
  private get held(): Held[] {
    return [...this.mine.values()].map(heldOf);
  }

  /** Asks for tasks for as long as it is open. */
  private async ask(): Promise<void> {
    const { node, concurrency, desk } = this.options;
    const { signal } = this.closed;
    while (!signal.aborted) {
      const at = desk();
      const sent = this.clock.monotonic();
      try {
        if (!at) throw new Error("nobody leads");
        const free = this.taking ? Math.max(0, concurrency - this.mine.size) : 0;
        // One that asks for no task can be broken off: nothing is on its way.
        this.full = free === 0 ? new AbortController() : undefined;
        const until = this.full ? AbortSignal.any([signal, this.full.signal]) : signal;
        const { claims, stop } = await at.take({ node, held: this.held, free }, until);
        for (const claim of claims) {
          this.mine.set(claim.token, { claim, answered: sent, stop: undefined, stopping: undefined, lost: false });
        }
        this.obey(stop);
        if (claims.length === 0) continue;
        this.arrived.push(...claims);
        for (const run of this.readies) run();
        // Its lease is counted from when it was asked for, which may be a while ago.
        void this.say().catch(() => undefined);
      } catch {
        if (this.full?.signal.aborted !== true) await this.pause();
      }
    }
  }

  private async say(): Promise<void> {
    // What is under way does not have what came last.
    await this.saying?.catch(() => undefined);
    this.saying ??= this.sayNow().finally(() => (this.saying = undefined));
    await this.saying;
  }

  private async sayNow(): Promise<void> {
    // What comes in the same turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    const desk = this.options.desk();
    if (!desk) throw new Error("nobody leads");
    const [logs, ends] = [[...this.logs], [...this.ends]];
    const held = [...this.mine.values()].filter(({ lost }) => !lost).map(heldOf);
    const progress = [...this.progresses.values()];
    const sent = this.clock.monotonic();
    const said = { node: this.options.node, held, logs, progress, ends: ends.map(({ end }) => end) };
    const { lost, stop } = await desk.say(said, this.closed.signal);
    this.logs = this.logs.filter((one) => !logs.includes(one));
    this.ends = this.ends.filter((one) => !ends.includes(one));
    for (const one of progress) if (this.progresses.get(one.id) === one) this.progresses.delete(one.id);
    for (const { resolve } of ends) resolve();
    for (const { token } of held) {
      const mine = this.mine.get(token);
      if (mine) mine.answered = Math.max(mine.answered, sent);
    }
    for (const { token } of lost) {
      const mine = this.mine.get(token);
      if (mine) this.lose(mine, "its lease was lost");
    }
    this.obey(stop);
  }

  private obey(stops: readonly { id: string; token: number; why: string }[]): void {
    for (const { token, why } of stops) {
      const mine = this.mine.get(token);
      if (!mine) continue;
      mine.stopping = why;
      mine.stop?.(why);
    }
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => this.clock.after(AGAIN_MS, resolve));
  }
}

function heldOf({ claim, stopping }: Mine): Held {
  return { ...nameOf(claim), told: stopping !== undefined };
}

function nameOf({ task, token }: Claim): { id: string; token: number } {
  return { id: task.id, token };
}

function lostOf({ task: { id }, token }: Claim): Refusal {
  return new Refusal("lease-lost", `task ${id}: the lease with token ${token} is no longer held`, { id, token });
}
