import type { Json } from "../tasks/json";
import { moved } from "../tasks/moved";
import type { Task, TaskError } from "../tasks/task";
import { backoffMs } from "./backoff";
import { QUEUE, type Core } from "./core";

/**
 * What a task that does not run has not. It stands last where it is spread: a field behind a spread takes as long as all
 * the rest.
 */
const ENDED = { lease: undefined, cancelling: undefined, progress: undefined } satisfies Partial<Task>;

/** What becomes of a task whose attempt has ended, at a time. */
export type End = (task: Task, at: number) => Task;

export function completed({ owner: by }: Core, result: Json | undefined, why: string): End {
  return (task, at) => moved(task, "completed", { at, by, why }, { endedAt: at, result, error: undefined, ...ENDED });
}

/** An attempt has failed: the task waits for another one, or rests as a dead letter. */
export function failed({ owner, random, settings }: Core, error: TaskError): End {
  return unlessCancelled((task, at) => {
    const { attempts, retries } = task;
    const left = retries + 1 - attempts;
    const why = `attempt ${attempts}: ${error.message}`;
    const dead = moved(task, "failed", { at, by: owner, why }, { endedAt: at, error, ...ENDED });
    if (error.permanent || left <= 0) return dead;
    const ms = backoffMs(attempts, random(), settings.backoff);
    return moved(
      dead,
      "pending",
      { at, by: QUEUE, why: `retry ${attempts} of ${retries} in ${(ms / 1000).toFixed(1)} s` },
      { notBefore: at + ms, endedAt: undefined },
    );
  });
}

/** It was not finished, through no fault of its own: the attempt does not count. */
export function handedBack({ owner: by }: Core, why: string): End {
  return unlessCancelled((task, at) =>
    moved(task, "pending", { at, by, why }, { attempts: task.attempts - 1, ...ENDED }),
  );
}

/** Its owner is gone: it waits again, unless that has happened too often. */
export function lost(why: (task: Task) => string): End {
  return unlessCancelled((task, at) => {
    if (task.attempts <= task.retries) return moved(task, "pending", { at, by: QUEUE, why: why(task) }, ENDED);
    const error = { code: "lease-lost", message: `${why(task)}, in ${task.attempts} attempts`, permanent: false };
    return moved(task, "failed", { at, by: QUEUE, why: error.message }, { endedAt: at, error, ...ENDED });
  });
}

/** One that was asked to stop, and has not been completed, is cancelled. */
function unlessCancelled(end: End): End {
  return (task, at) => {
    const { cancelling } = task;
    if (!cancelling) return end(task, at);
    return moved(task, "cancelled", { at, by: cancelling.by, why: cancelling.why }, { endedAt: at, ...ENDED });
  };
}
