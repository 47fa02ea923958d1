import { Refusal } from "./errors";
import { mayMove, type TaskState } from "./states";
import { changed, type Task } from "./task";

/** Who moves a task, when and why. */
export interface Move {
  /** Milliseconds since 1970. */
  at: number;
  by: string;
  why: string;
}

/**
 * A task after a move, which stands in its history.
 *
 * @param changes What changes with it.
 * @throws Refusal `wrong-state`
 */
export function moved(task: Task, to: TaskState, { at, by, why }: Move, changes: Partial<Task> = {}): Task {
  const { id, state } = task;
  if (!mayMove(state, to))
    throw new Refusal("wrong-state", `task ${id} is ${state}: it cannot be ${to}`, { id, state });
  const next = changed(task, changes);
  next.state = to;
  next.history = [...task.history, { from: state, to, at, by, why }];
  return next;
}
