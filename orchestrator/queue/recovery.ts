import { headOf, type TaskHead } from "../tasks/task";
import { lost } from "./ends";
import type { Change, Core } from "./core";

/** Tasks of one commit. */
const BATCH = 500;

/** What a process finds that takes up where another has ended. */
export interface Recovered {
  /** Tasks that wait, in the order of submission. Those that somebody ran who is gone wait again. */
  waiting: TaskHead[];
  /** Tasks that somebody may yet run: where others can have the storage open, only time tells. */
  running: TaskHead[];
}

export async function recovered(core: Core): Promise<Recovered> {
  const { storage, clock } = core;
  const heads: TaskHead[] = [];
  const running: TaskHead[] = [];
  const gone: number[] = [];
  for await (const head of storage.unended()) {
    if (head.state === "running" && head.lease && !storage.exclusive) running.push(head);
    else {
      if (head.state === "running") gone.push(heads.length);
      heads.push(head);
    }
  }
  const ended = lost(({ lease }) => `${lease?.owner ?? "its owner"} has ended`);
  for (let at = 0; at < gone.length; at += BATCH) {
    const changes: Change[] = [];
    for (const position of gone.slice(at, at + BATCH)) {
      const before = await storage.task(heads[position]?.id ?? "");
      if (before) changes.push({ before, after: ended(before, clock.now()) });
    }
    const { tasks, durable } = await core.commit(changes);
    await durable;
    tasks.forEach((task, of) => (heads[gone[at + of] ?? -1] = headOf(task)));
  }
  return { waiting: heads.filter(({ state }) => state === "pending"), running };
}
