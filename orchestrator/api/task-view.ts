import { z } from "zod";
import type { Waiting } from "../queue/board";
import { runBody } from "../environments/schema";
import { masked } from "../secret-fields";
import type { JsonObject } from "../tasks/json";
import { KINDS, OPERATIONS, type Operation, type TaskKind } from "../tasks/kinds";
import { hasEnded, STATES, type TaskState } from "../tasks/states";
import { changed, type Task } from "../tasks/task";

/** The states as the API writes them. */
export const STATUS = {
  pending: "Pending",
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
} as const satisfies Record<TaskState, string>;
export type Status = (typeof STATUS)[TaskState];
export const STATUSES = STATES.map((state) => STATUS[state]) as [Status, ...Status[]];

export function stateOf(status: Status): TaskState {
  return STATES.find((state) => STATUS[state] === status) ?? "pending";
}

export const OPERATION_NAMES = Object.keys(OPERATIONS) as [Operation, ...Operation[]];

export const status = z.enum(STATUSES);
const time = z.iso.datetime();
const optionalTime = time.nullable();

/** A task as it is answered. */
export const taskView = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable(),
    kind: z.enum(KINDS),
    operation: z.enum(OPERATION_NAMES),
    status,
    waiting: z.string().nullable().describe("What a pending task waits for."),
    stack: z.string().nullable(),
    input: z.record(z.string(), z.unknown()).describe("What was asked for."),
    priority: z.int(),
    attempts: z.int(),
    retries: z.int(),
    timeout_seconds: z.number(),
    depends_on: z.array(z.string()),
    created_at: time,
    not_before: optionalTime,
    started_at: optionalTime,
    completed_at: optionalTime,
    by: z.string().describe("Who submitted it."),
    approval: z
      .strictObject({ state: z.enum(["waiting", "approved"]), by: z.string().nullable(), why: z.string().nullable() })
      .nullable(),
    cancelling: z.boolean().describe("It runs, and was asked to stop."),
    progress: z.strictObject({ done: z.number(), total: z.number(), message: z.string() }).nullable(),
    result: z.unknown().describe("What it did; null until it is completed."),
    error: z
      .strictObject({ code: z.string(), message: z.string(), permanent: z.boolean() })
      .nullable()
      .describe("Why the last attempt failed."),
    history: z
      .array(z.strictObject({ from: status.nullable(), to: status, at: time, by: z.string(), why: z.string() }))
      .describe("Every transition, oldest first."),
  })
  .describe("A unit of work.");
export type TaskView = z.infer<typeof taskView>;

/**
 * A task as it is answered.
 *
 * @param isDurable Whether it is as it will be found after a crash: an end that is not is not told yet.
 * @param waiting What it waits for, where the queue knows.
 */
export function viewOf(given: Task, isDurable: boolean, waiting?: Waiting): TaskView {
  const task = isDurable ? given : beforeItsEnd(given);
  const { approval } = task;
  return {
    id: task.id,
    name: task.name ?? null,
    kind: task.kind,
    operation: task.operation,
    status: STATUS[task.state],
    waiting: task.state === "pending" ? (waiting ?? null) : null,
    stack: task.stack ?? null,
    input: shownInput(task),
    priority: task.priority,
    attempts: task.attempts,
    retries: task.retries,
    timeout_seconds: task.timeoutMs / 1000,
    depends_on: [...task.dependsOn],
    created_at: timeOf(task.createdAt),
    not_before: task.notBefore === undefined ? null : timeOf(task.notBefore),
    started_at: task.startedAt === undefined ? null : timeOf(task.startedAt),
    completed_at: task.endedAt === undefined ? null : timeOf(task.endedAt),
    by: task.by,
    approval: approval ? { state: approval.state, by: approval.by ?? null, why: approval.why ?? null } : null,
    cancelling: task.cancelling !== undefined,
    progress: task.progress ?? null,
    result: task.result ?? null,
    error: task.error ?? null,
    history: task.history.map(({ from, to, at, by, why }) => ({
      from: from === null ? null : STATUS[from],
      to: STATUS[to],
      at: timeOf(at),
      by,
      why,
    })),
  };
}

/** Schemas of inputs that have fields with secrets. */
const INPUTS: Partial<Record<TaskKind, z.ZodType>> = { test_environment: runBody };

function shownInput({ kind, input }: Task): JsonObject {
  const schema = INPUTS[kind];
  return schema ? (masked(schema, input) as JsonObject) : input;
}

/** A task as it was when its end was not yet decided. */
function beforeItsEnd(task: Task): Task {
  const last = task.history.at(-1);
  if (!hasEnded(task.state) || !last?.from) return task;
  const history = task.history.slice(0, -1);
  return changed(task, { state: last.from, history, endedAt: undefined, result: undefined, error: undefined });
}

export function timeOf(at: number): string {
  return new Date(at).toISOString();
}
