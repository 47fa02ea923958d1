import { headOf, type TaskHead } from "../tasks/task";
import type { Change, Core } from "./core";
import { lost } from "./ends";

/** Tasks of one commit. */
const BATCH = 500;

/**
 * All tasks that wait, in the order of submission. Those that somebody ran who is gone wait again.
 *
 * A storage that others may have open tells only by the time of a lease whether its owner is gone.
 */
export async function recovered(core: Core): Promise<TaskHead[]> {
  const { storage, clock } = core;
  const heads: TaskHead[] = [];
  const gone: number[] = [];
  for await (const head of storage.unended()) {
    const { state, lease } = head;
    if (state === "running" && !storage.exclusive && lease && lease.expiresAt > clock.now()) continue;
    if (state === "running") gone.push(heads.length);
    heads.push(head);
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
  return heads.filter(({ state }) => state === "pending");
}
