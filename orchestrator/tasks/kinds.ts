/**
 * What of a stack a task can be about. `servers`: compute, that is clusters and node pools. `taskserv`: one layer of the
 * platform with what it depends on. `cluster`: a whole environment.
 */
export const WORKFLOWS = ["servers", "taskserv", "cluster"] as const;
export type WorkflowKind = (typeof WORKFLOWS)[number];

/** What a task can be about: a stack, or containers. */
export const KINDS = [...WORKFLOWS, "test_environment"] as const;
export type TaskKind = (typeof KINDS)[number];

/** What a task does to its stack; only one that writes needs the stack for itself. */
export const OPERATIONS = {
  create: { writes: true },
  update: { writes: true },
  preview: { writes: false },
  refresh: { writes: true },
  destroy: { writes: true },
  drift: { writes: false },
  /** Of a test environment only. */
  test: { writes: true },
} as const;
export type Operation = keyof typeof OPERATIONS;

/** The stack that a task must have for itself while it runs; undefined when it needs none. */
export function lockedStack(task: { operation: Operation; stack?: string }): string | undefined {
  return OPERATIONS[task.operation].writes ? task.stack : undefined;
}
