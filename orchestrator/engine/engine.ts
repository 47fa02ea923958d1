import type { TaskContext } from "../queue/runner";
import type { Json } from "../tasks/json";
import type { Operation } from "../tasks/kinds";
import type { Task } from "../tasks/task";
import type { Layer, Scope } from "./layers";

/** What does the work of tasks. */
export interface Engine {
  /** For people: `offline`, `pulumi`. */
  readonly name: string;
  /**
   * Runs one attempt of a task.
   *
   * @returns what it did, without secrets
   * @throws PermanentError where another attempt would fail in the same way
   */
  run(work: Work, context: TaskContext): Promise<Json | undefined>;
}

/** What a task asks of an engine. */
export interface Work {
  task: string;
  operation: Operation;
  /** What a preview is of. */
  previewOf: Operation;
  stack: string;
  /** Stack file, relative to the project folder. Default: the stack's own. */
  settings: string | undefined;
  scope: Scope;
}

/** What the API puts into a task, read back. */
export function workOf({ id, kind, operation, stack = "", input }: Task): Work {
  const { settings, servers, taskserv, preview_of: previewOf } = input;
  const dependents = input.dependents === true;
  return {
    task: id,
    operation,
    previewOf: (previewOf ?? "create") as Operation,
    stack,
    settings: typeof settings === "string" ? settings : undefined,
    scope:
      kind === "cluster"
        ? { all: true }
        : kind === "taskserv"
          ? { layer: taskserv as Layer, dependents }
          : { servers: Array.isArray(servers) ? servers.map(String) : [], dependents },
  };
}
