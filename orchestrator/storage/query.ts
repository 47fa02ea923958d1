import type { Operation, TaskKind } from "../tasks/kinds";
import type { TaskState } from "../tasks/states";
import type { Task, TaskHead } from "../tasks/task";

/** Which tasks; what is left out allows all. */
export interface TaskFilter {
  states?: readonly TaskState[];
  kinds?: readonly TaskKind[];
  operations?: readonly Operation[];
  stack?: string;
  /** Waiting for a person's approval. */
  needsApproval?: boolean;
}

export interface TaskQuery extends TaskFilter {
  /** By submission. Default: newest. */
  first?: "oldest" | "newest";
  /** Tasks of one page, 1 to 1,000. Default: 100. */
  limit?: number;
  /** Where the page before ended. */
  cursor?: string;
}

export interface Page {
  tasks: readonly Task[];
  /** Undefined: there are no more. */
  cursor?: string;
}

/** Whether a task is among those that are asked for. */
export function matches(head: TaskHead, filter: TaskFilter): boolean {
  const { states, kinds, operations, stack, needsApproval } = filter;
  return (
    (!states || states.includes(head.state)) &&
    (!kinds || kinds.includes(head.kind)) &&
    (!operations || operations.includes(head.operation)) &&
    (stack === undefined || head.stack === stack) &&
    (needsApproval === undefined || (head.state === "pending" && head.approval?.state === "waiting") === needsApproval)
  );
}
