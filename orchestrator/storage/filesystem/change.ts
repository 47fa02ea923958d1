import { changed, headOf, type Task, type TaskHead } from "../../tasks/task";

/** What has changed of a task: most of what a queue writes, and a third of the whole task. */
export interface TaskChange {
  id: string;
  set: Partial<Task>;
  /** Fields that are no more. */
  gone: (keyof Task)[];
  /** Added to its history. */
  moves: Task["history"];
}

/** What must be written of a task that was read as `before`; undefined: all of it. */
export function changeOf(before: Task, after: Task): TaskChange | undefined {
  const known = before.history.length;
  if (known === 0 || after.history[known - 1] !== before.history[known - 1]) return undefined;
  const set: Partial<Record<keyof Task, unknown>> = {};
  const gone: (keyof Task)[] = [];
  let field: keyof Task;
  for (field in after) {
    const value = after[field];
    if (value === before[field] || field === "history") continue;
    if (value === undefined) gone.push(field);
    else set[field] = value;
  }
  return { id: after.id, set: set as Partial<Task>, gone, moves: after.history.slice(known) };
}

/** The head of a task after a change. */
export function headWithChange(head: TaskHead, { set, gone }: TaskChange): TaskHead {
  const next: Partial<TaskHead> & Partial<Task> = Object.assign(headOf(head), set);
  for (const field of gone) next[field] = undefined;
  return headOf(next as TaskHead);
}

/** A task after a change. */
export function withChange(task: Task, { set, gone, moves }: TaskChange): Task {
  const next: Partial<Task> = changed(task, set);
  for (const field of gone) next[field] = undefined;
  next.history = [...task.history, ...moves];
  return next as Task;
}
