import type { ServerResponse } from "node:http";
import type { Queue } from "../queue/queue";
import type { Storage } from "../storage/storage";
import { hasEnded } from "../tasks/states";
import type { Task } from "../tasks/task";

/** Resolves once all that was decided so far survives a crash, and whoever listens was told of it. */
export async function settled(storage: Storage): Promise<void> {
  const { durable } = await storage.commit({});
  await durable;
  await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until a task has ended, for so many milliseconds at most, and no longer than whoever asked listens. */
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
    const now = await storage.task(id);
    if (now && hasEnded(now.state)) {
      await settled(storage);
      return now;
    }
    await ended;
    const after = await storage.task(id);
    if (after && hasEnded(after.state)) await settled(storage);
    return after;
  } finally {
    for (const off of offs) off();
  }
}
