import { isDeepStrictEqual } from "node:util";
import { Refusal } from "../tasks/errors";
import { submissionOrder } from "../tasks/dependencies";
import { taskOf, type Submission } from "../tasks/submission";
import type { Task } from "../tasks/task";
import type { Core } from "./core";

/** The task of a submission; not new when its key was used before for the same request. */
export interface Submitted {
  task: Task;
  isNew: boolean;
}

/** Takes submissions into storage and onto the board. */
export class Submitting {
  constructor(
    private readonly core: Core,
    private readonly newId: () => string,
  ) {}

  async submit(asked: readonly Submission[], by: string): Promise<Submitted[]> {
    const { core } = this;
    const { longest } = core.settings;
    if (core.board.size + asked.length > longest) {
      throw new Refusal("queue-full", `${core.board.size} tasks wait, of at most ${longest}: submit again later`);
    }
    const order = asked.some(({ ref }) => ref !== undefined) ? submissionOrder(asked) : asked.map((_, at) => at);
    for (;;) {
      // Nothing is waited for that need not be looked up: most submissions come without a key, and depend on nothing.
      const hasKeys = asked.some(({ key }) => key !== undefined);
      const submitted: (Submitted | undefined)[] = hasKeys ? await this.known(asked) : asked.map(() => undefined);
      const births = this.born(asked, order, submitted, by);
      if (births.some(({ task }) => task.dependsOn.length > 0)) await this.assertDependencies(births);
      if (births.length === 0) return submitted as Submitted[];
      try {
        const { tasks, heads, durable } = await core.commit(births.map(({ task }) => ({ after: task })));
        await durable;
        const placing = core.place(heads);
        if (placing) await placing;
        tasks.forEach((task, at) => (submitted[births[at]?.position ?? -1] = { task, isNew: true }));
        return submitted as Submitted[];
      } catch (error) {
        // The same key at the same time: it is known in the next round.
        const isLate =
          error instanceof Refusal && error.code === "key-reused" && (await this.isKnown(error.details.id));
        if (!isLate) throw error;
      }
    }
  }

  /** Those that were submitted before, by their place among the submissions. */
  private async known(asked: readonly Submission[]): Promise<(Submitted | undefined)[]> {
    const known: (Submitted | undefined)[] = asked.map(() => undefined);
    for (const [position, submission] of asked.entries()) {
      if (submission.key === undefined) continue;
      const task = await this.core.storage.taskByKey(submission.key);
      if (!task) continue;
      assertSameRequest(task, submission);
      known[position] = { task, isNew: false };
    }
    return known;
  }

  private born(
    asked: readonly Submission[],
    order: readonly number[],
    known: readonly (Submitted | undefined)[],
    by: string,
  ): { position: number; task: Task }[] {
    const { clock, settings } = this.core;
    const now = clock.now();
    const queuedAt = this.core.queuedAt();
    const { defaults } = settings;
    const idByRef = new Map<string, string>();
    const births: { position: number; task: Task }[] = [];
    for (const position of order) {
      const submission = asked[position];
      if (!submission) continue;
      const id = known[position]?.task.id ?? this.newId();
      if (submission.ref !== undefined) idByRef.set(submission.ref, id);
      if (known[position]) continue;
      const { dependsOn: names = [] } = submission;
      const dependsOn = names.length === 0 ? [] : [...new Set(names.map((name) => idByRef.get(name) ?? name))];
      births.push({ position, task: taskOf(submission, { id, by, now, queuedAt, dependsOn, defaults }) });
    }
    return births;
  }

  private async assertDependencies(births: readonly { task: Task }[]): Promise<void> {
    const together = new Set(births.map(({ task }) => task.id));
    for (const id of new Set(births.flatMap(({ task }) => task.dependsOn))) {
      if (together.has(id)) continue;
      const state = await this.core.storage.stateOf(id);
      if (state === undefined) throw new Refusal("dependency-unknown", `dependsOn: no task ${id}`, { id });
      if (state !== "failed" && state !== "cancelled") continue;
      throw new Refusal("dependency-failed", `dependsOn: task ${id} is ${state}: retry that first`, { id, state });
    }
  }

  private async isKnown(id: string | number | undefined): Promise<boolean> {
    return (await this.core.storage.stateOf(String(id))) !== undefined;
  }
}

/**
 * Whether a task is what a submission asks for.
 *
 * @throws Refusal `key-reused` when it is not
 */
function assertSameRequest(task: Task, asked: Submission): void {
  const same =
    task.kind === asked.kind &&
    task.operation === asked.operation &&
    task.stack === asked.stack &&
    // As it is after JSON, which leaves out what is undefined.
    isDeepStrictEqual(task.input, JSON.parse(JSON.stringify(asked.input)));
  if (same) return;
  const { id, key = "" } = task;
  throw new Refusal("key-reused", `key ${key}: task ${id} was submitted with it, for another request`, { id });
}
