import { Refusal } from "../tasks/errors";
import { headOf, type Task } from "../tasks/task";
import { turn, type Core } from "./core";
import type { End } from "./ends";
import type { Claim, Leases, Running } from "./leases";

/** A task that has ended, and who waits for that to be stored. */
interface Ending {
  running: Running;
  end: End;
  resolve: (task: Task) => void;
  reject: (error: unknown) => void;
}

/** Stores how tasks end: those that end in the same turn of the event loop are written together. */
export class Endings {
  private waiting: Ending[] = [];
  private storing = false;

  constructor(
    private readonly core: Core,
    private readonly leases: Leases,
  ) {}

  /** Resolves once it is durable. @throws Refusal `lease-lost` */
  async store(claim: Claim, end: End): Promise<Task> {
    const running = this.leases.held(claim);
    running.ending = true;
    // Nobody stops it any more; what it took to run is not kept until the disk has its end.
    running.stop = undefined;
    // Its place is free; its stack, and those that depend on it, wait until a crash cannot undo the end.
    this.core.board.leave(running.entry);
    this.core.wake();
    if (running.tail) await running.tail;
    return new Promise((resolve, reject) => {
      this.waiting.push({ running, end, resolve, reject });
      if (!this.storing) void this.storeWaiting();
    });
  }

  private async storeWaiting(): Promise<void> {
    this.storing = true;
    while (this.waiting.length > 0) {
      await turn();
      const endings = this.waiting;
      this.waiting = [];
      await this.commit(endings);
    }
    this.storing = false;
  }

  private async commit(endings: readonly Ending[]): Promise<void> {
    const at = this.core.clock.now();
    try {
      const { tasks, durable } = await this.core.commit(
        endings.map(({ running, end }) => ({ before: running.task, after: end(running.task, at) })),
      );
      const fail = (error: unknown) => {
        for (const ending of endings) this.unstored(ending, error);
      };
      void durable.then(() => {
        endings.forEach((ending, of) => {
          this.stored(ending, tasks[of] ?? ending.running.task);
        });
      }, fail);
    } catch (error) {
      const isConflict = error instanceof Refusal && error.code === "conflict";
      if (isConflict && endings.length > 1) for (const ending of endings) await this.commit([ending]);
      else for (const ending of endings) this.unstored(ending, error);
    }
  }

  private stored({ running, resolve, reject }: Ending, task: Task): void {
    const { core, leases } = this;
    if (task.state === "pending") {
      core.board.again(running.entry, headOf(task), core.dueOf(task));
      leases.forget(task.id);
      core.wake();
      resolve(task);
      return;
    }
    leases.forget(task.id);
    core.end(running.entry, task.state === "completed").then(() => {
      resolve(task);
    }, reject);
  }

  private unstored({ running, reject }: Ending, error: unknown): void {
    const { id } = running.task;
    this.leases.forget(id);
    if (!(error instanceof Refusal) || error.code !== "conflict") {
      reject(error);
      return;
    }
    const lost = new Refusal("lease-lost", `task ${id}: somebody else has it`, { id, token: running.token });
    const refuse = () => {
      reject(lost);
    };
    this.core.end(running.entry, false).then(refuse, reject);
  }
}
