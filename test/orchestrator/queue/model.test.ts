import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Claim } from "../../../orchestrator/queue/leases";
import { hasEnded, type TaskState } from "../../../orchestrator/tasks/states";
import { ASKED } from "../made";
import { Opened } from "./opened";
import { settled } from "./played-clock";

/** A task as the reference sees it. */
interface Expected {
  id: string;
  state: TaskState;
  seq: number;
  queuedAt: number;
  priority: number;
  stack: string | undefined;
  dependsOn: string[];
  needsApproval: boolean;
  attempts: number;
  /** On the clock that never jumps. */
  due: number;
  /** It has its stack: it runs, or waits for its retry or for a place. */
  holds: boolean;
  running: Claim | undefined;
}

const TOTAL = 3;
const AGING = 10_000;
const BACKOFF = { firstMs: 1000, longestMs: 4000 };

/** The queue as one would say it in a sentence: look at all, take the best. */
class Reference {
  tasks: Expected[] = [];
  full = false;

  /** Gives free stacks to those who wait for them, as the queue does after each step. */
  hand(now: number): void {
    for (const stack of new Set(this.tasks.map((task) => task.stack))) {
      if (stack === undefined || this.tasks.some((task) => task.stack === stack && task.holds)) continue;
      const [first] = this.tasks
        .filter((task) => task.stack === stack && this.isFree(task, now))
        .sort((a, b) => a.queuedAt - b.queuedAt || a.seq - b.seq);
      if (first) first.holds = true;
    }
  }

  next(now: number): Expected | undefined {
    if (this.full || this.tasks.filter(({ state }) => state === "running").length >= TOTAL) return undefined;
    const rank = (task: Expected) => task.queuedAt - task.priority * AGING;
    return this.tasks
      .filter((task) => this.isFree(task, now) && (task.stack === undefined || task.holds))
      .sort((a, b) => rank(a) - rank(b) || a.seq - b.seq)[0];
  }

  /** Ends a task; when it was not completed, all fail that depend on it. */
  end(task: Expected, state: TaskState): void {
    Object.assign(task, { state, holds: false, running: undefined });
    if (state === "completed") return;
    for (const other of this.tasks) {
      if (other.state === "pending" && other.dependsOn.includes(task.id)) this.end(other, "failed");
    }
  }

  private isFree({ state, dependsOn, needsApproval, due }: Expected, now: number): boolean {
    const isDone = (id: string) => this.tasks.find((task) => task.id === id)?.state === "completed";
    return state === "pending" && !needsApproval && due <= now && dependsOn.every(isDone);
  }
}

type Check = Readonly<Reference>;
type Real = Opened;

/** One thing that happens; afterwards both are compared. */
abstract class Step implements fc.AsyncCommand<Reference, Real> {
  check(_model: Check): boolean {
    return true;
  }

  async run(model: Reference, real: Real): Promise<void> {
    await this.happen(model, real);
    await settled();
    model.hand(real.clock.monotonic());
    const { tasks } = await real.storage.tasks({ first: "oldest", limit: 1000 });
    expect(tasks.map(({ id, state, attempts }) => ({ id, state, attempts }))).toEqual(
      model.tasks.map(({ id, state, attempts }) => ({ id, state, attempts })),
    );
  }

  abstract happen(model: Reference, real: Real): Promise<void>;
  abstract toString(): string;

  protected pick(tasks: Expected[], which: number): Expected | undefined {
    return tasks[which % Math.max(1, tasks.length)];
  }
}

class Submit extends Step {
  constructor(
    private readonly asked: { priority: number; stack: string | undefined; gate: boolean; after: number | undefined },
  ) {
    super();
  }

  async happen(model: Reference, real: Real): Promise<void> {
    const { priority, stack, gate, after } = this.asked;
    const open = model.tasks.filter(({ state }) => state !== "failed" && state !== "cancelled");
    const dependency = after === undefined ? undefined : this.pick(open, after)?.id;
    const dependsOn = dependency === undefined ? [] : [dependency];
    const submission = { ...ASKED, priority, stack, needsApproval: gate, dependsOn, retries: 2 };
    if (model.full) {
      await expect(real.queue.submit(submission, "ann")).rejects.toMatchObject({ code: "disk-full" });
      return;
    }
    const { task } = await real.queue.submit(submission, "ann");
    const { id, seq, queuedAt } = task;
    const waiting = model.tasks.filter((other) => !hasEnded(other.state));
    expect(queuedAt).toBeGreaterThanOrEqual(Math.max(0, ...waiting.map((other) => other.queuedAt)));
    const common = { id, seq, queuedAt, priority, stack, dependsOn, needsApproval: gate };
    model.tasks.push({ ...common, state: "pending", attempts: 0, due: 0, holds: false, running: undefined });
  }

  toString = () => `submit ${JSON.stringify(this.asked)}`;
}

class Take extends Step {
  async happen(model: Reference, real: Real): Promise<void> {
    const [claim] = await real.queue.claims.take(1);
    const expected = model.next(real.clock.monotonic());
    expect(claim?.task.id).toBe(expected?.id);
    if (!claim || !expected) return;
    expected.attempts++;
    expect(claim.task.attempts).toBe(expected.attempts);
    Object.assign(expected, { state: "running", running: claim });
  }

  toString = () => "claim";
}

class End extends Step {
  constructor(
    private readonly how: "complete" | "transient" | "permanent" | "hand back",
    private readonly which: number,
  ) {
    super();
  }

  override check({ tasks }: Check): boolean {
    return tasks.some(({ running }) => running !== undefined);
  }

  async happen(model: Reference, real: Real): Promise<void> {
    const task = this.pick(
      model.tasks.filter(({ running }) => running),
      this.which,
    );
    const claim = task?.running;
    if (!task || !claim) return;
    const { claims } = real.queue;
    const stopped = (await real.storage.task(task.id))?.cancelling !== undefined;
    if (this.how === "complete") await claims.complete(claim, null);
    else if (this.how === "hand back") await claims.handBack(claim, "stopping");
    else await claims.fail(claim, { code: "x", message: "x", permanent: this.how === "permanent" });
    await expect(claims.complete(claim, null)).rejects.toMatchObject({ code: "lease-lost" });
    if (this.how === "complete") model.end(task, "completed");
    else if (stopped) model.end(task, "cancelled");
    else if (this.how === "permanent" || (this.how === "transient" && task.attempts > 2)) model.end(task, "failed");
    else {
      const wait =
        this.how === "transient" ? Math.min(BACKOFF.longestMs, BACKOFF.firstMs * 2 ** (task.attempts - 1)) / 2 : 0;
      if (this.how === "hand back") task.attempts--;
      Object.assign(task, { state: "pending", running: undefined, due: real.clock.monotonic() + wait });
    }
  }

  toString = () => `${this.how} ${this.which}`;
}

class Person extends Step {
  constructor(
    private readonly does: "cancel" | "retry" | "approve",
    private readonly which: number,
  ) {
    super();
  }

  override check({ tasks }: Check): boolean {
    return tasks.length > 0;
  }

  async happen(model: Reference, real: Real): Promise<void> {
    const task = this.pick(model.tasks, this.which);
    if (!task) return;
    const { id } = task;
    const blocked = task.dependsOn.some((other) => {
      const state = model.tasks.find((one) => one.id === other)?.state;
      return state === "failed" || state === "cancelled";
    });
    if (this.does === "cancel") {
      const cancelled = real.queue.cancel(id, "bob", "");
      if (hasEnded(task.state)) await expect(cancelled).rejects.toMatchObject({ code: "wrong-state" });
      else await cancelled;
      if (task.state === "pending") model.end(task, "cancelled");
    } else if (this.does === "approve") {
      const approved = real.queue.approve(id, "bob", "");
      if (task.state !== "pending" || !task.needsApproval)
        await expect(approved).rejects.toMatchObject({ code: "wrong-state" });
      else await approved.then(() => (task.needsApproval = false));
    } else {
      const retried = real.queue.retry(id, "bob", "");
      if (task.state !== "failed" && task.state !== "cancelled")
        await expect(retried).rejects.toMatchObject({ code: "wrong-state" });
      else if (blocked) await expect(retried).rejects.toMatchObject({ code: "dependency-failed" });
      else Object.assign(task, { state: "pending", attempts: 0, due: 0, queuedAt: (await retried).queuedAt });
    }
  }

  toString = () => `${this.does} ${this.which}`;
}

class Pass extends Step {
  constructor(
    private readonly ms: number,
    private readonly jump: number,
  ) {
    super();
  }

  async happen(_model: Reference, real: Real): Promise<void> {
    real.clock.jump(this.jump);
    await real.clock.pass(this.ms);
  }

  toString = () => `pass ${this.ms} jump ${this.jump}`;
}

class Crash extends Step {
  constructor(
    private readonly keeps: boolean[],
    private readonly ordered: boolean,
  ) {
    super();
  }

  async happen(model: Reference, real: Real): Promise<void> {
    let at = 0;
    await (this.ordered ? real.reopen() : real.crash(() => this.keeps[at++ % this.keeps.length] ?? false));
    const now = real.clock.monotonic();
    for (const task of model.tasks) {
      const found = await real.storage.task(task.id);
      const left = Math.min((found?.notBefore ?? 0) - real.clock.now(), BACKOFF.longestMs);
      const due = left > 0 ? now + left : 0;
      task.holds &&= task.running !== undefined || task.attempts > 0;
      if (task.running) {
        // Whether the last claim was kept decides whether its attempt counts.
        expect([task.attempts, task.attempts - 1]).toContain(found?.attempts);
        task.attempts = found?.attempts ?? 0;
        task.holds &&= task.attempts > 0;
        task.running = undefined;
        if (found && hasEnded(found.state)) model.end(task, found.state);
        // A claim that was not kept has not ended the wait for the next attempt either.
        else Object.assign(task, { state: "pending", due });
      } else if (task.state === "pending" && task.attempts > 0) task.due = due;
    }
    // Those that depend on one that crashed too often failed with it.
    for (const task of model.tasks) {
      const found = await real.storage.task(task.id);
      if (task.state === "pending" && found?.state === "failed") model.end(task, "failed");
    }
  }

  toString = () => (this.ordered ? "restart" : `crash ${JSON.stringify(this.keeps)}`);
}

const which = fc.nat(50);
const steps = [
  fc
    .record({
      priority: fc.nat(9),
      stack: fc.option(fc.constantFrom("gke", "kind"), { nil: undefined }),
      gate: fc.nat(9).map((n) => n === 0),
      after: fc.option(which, { nil: undefined, freq: 3 }),
    })
    .map((asked) => new Submit(asked)),
  fc.constant(new Take()),
  fc.constant(new Take()),
  fc
    .tuple(
      fc.constantFrom(
        "complete" as const,
        "complete" as const,
        "transient" as const,
        "permanent" as const,
        "hand back" as const,
      ),
      which,
    )
    .map(([how, of]) => new End(how, of)),
  fc
    .tuple(fc.constantFrom("cancel" as const, "retry" as const, "retry" as const, "approve" as const), which)
    .map(([does, of]) => new Person(does, of)),
  fc
    .tuple(fc.constantFrom(0, 500, 700, 2000, 30_000), fc.constantFrom(0, 0, 0, -1e9, 1e9))
    .map(([ms, jump]) => new Pass(ms, jump)),
  fc
    .tuple(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.boolean())
    .map(([keeps, ordered]) => new Crash(keeps, ordered)),
];

test("the queue does what the reference does, through crashes and clocks that jump", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: "max" }), async (commands) => {
      const real = await Opened.create({
        concurrency: { total: TOTAL, kinds: {} },
        agingMs: AGING,
        backoff: BACKOFF,
        leaseMs: 1e9,
      });
      try {
        await fc.asyncModelRun(() => ({ model: new Reference(), real }), commands);
      } finally {
        await real.close();
      }
    }),
    { numRuns: 50 },
  );
});
