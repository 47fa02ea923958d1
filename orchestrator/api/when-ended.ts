import type { ServerResponse } from "node:http";
import type { Queue } from "../queue/queue";
import type { Storage } from "../storage/storage";
import { hasEnded } from "../tasks/states";
import type { Task } from "../tasks/task";

/**
 * Waits until a task has ended, durably, for so many milliseconds at most, and no longer than whoever asked listens.
 *
 * @returns undefined when it has not
 */
export async function whenEnded(
  queue: Queue,
  id: string,
  ms: number,
  asker: ServerResponse,
): Promise<Task | undefined> {
  const { storage, clock } = queue.core;
  const offs: (() => void)[] = [];
  const ended = new Promise<void>((resolve) => {
    offs.push(
      queue.listen((event) => {
        if (event.task.id === id && hasEnded(event.task.state)) resolve();
      }),
      clock.after(ms, resolve),
    );
    asker.once("close", resolve);
    offs.push(() => asker.off("close", resolve));
  });
  try {
    if (!(await hasEndedDurably(storage, id))) await ended;
    return (await hasEndedDurably(storage, id)) ? await storage.task(id) : undefined;
  } finally {
    for (const off of offs) off();
  }
}

/** Whether a task has ended, so that no crash brings it back. */
export async function hasEndedDurably(storage: Storage, id: string): Promise<boolean> {
  const state = await storage.stateOf(id);
  return state !== undefined && hasEnded(state) && (await storage.isDurable(id));
}
