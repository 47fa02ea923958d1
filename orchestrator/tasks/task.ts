import type { Json, JsonObject } from "./json";
import type { Operation, TaskKind } from "./kinds";
import type { TaskState, Transition } from "./states";

/** The right to run a task, until it expires. */
export interface Lease {
  /** Who runs the task, as `host/pid/session`. */
  owner: string;
  /** Fencing token: greater than that of every earlier lease of this task. */
  token: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** A person's word that a task needs before it may run. */
export interface Approval {
  state: "waiting" | "approved";
  by?: string;
  /** Milliseconds since 1970. */
  at?: number;
  why?: string;
}

/** Why a task, or one attempt of it, failed. */
export interface TaskError {
  /** Stable, as `timeout`, `dependency-failed`, `stack-not-found`. */
  code: string;
  message: string;
  /** True: another attempt would fail in the same way. */
  permanent: boolean;
}

/** How far a running task is. */
export interface Progress {
  done: number;
  total: number;
  message: string;
}

/** What the queue must know of a task to place it: a storage can tell it without reading the whole task. */
export interface TaskHead {
  id: string;
  /** Place in the order of submission, from 1; a retry by a person keeps it. */
  seq: number;
  /** Grows by one with each write; a write names the revision that it has read. */
  revision: number;
  state: TaskState;
  kind: TaskKind;
  operation: Operation;
  /** The stack that it works on. */
  stack?: string;
  /** 0 to 9, greater is more urgent. */
  priority: number;
  /** When it came into line: milliseconds since 1970, never less than that of one that waits already. */
  queuedAt: number;
  /** Not to be run before: milliseconds since 1970. */
  notBefore?: number;
  /** Tasks that must have been completed before. */
  dependsOn: readonly string[];
  approval?: Approval;
  /** Submitting the same key again gives the same task. */
  key?: string;
  /** Attempts begun since it was submitted or retried by a person. */
  attempts: number;
  /** Only while it is running. */
  lease?: Lease;
}

/** The orchestrator's unit of work. */
export interface Task extends TaskHead {
  /** For people. */
  name?: string;
  /** What its engine needs; never a secret. */
  input: JsonObject;
  /** Further attempts after the first that failed. */
  retries: number;
  /** Milliseconds that one attempt may take. */
  timeoutMs: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  startedAt?: number;
  endedAt?: number;
  by: string;
  /** Asked to stop while it runs. */
  cancelling?: { by: string; at: number; why: string };
  progress?: Progress;
  result?: Json;
  /** Of the last attempt that failed. */
  error?: TaskError;
  /** Every transition, oldest first. */
  history: readonly Transition[];
}

/** The head of a task, and nothing else of it. */
export function headOf(task: TaskHead): TaskHead {
  const { id, seq, revision, state, kind, operation, stack, priority, queuedAt, notBefore } = task;
  const { dependsOn, approval, key, attempts, lease } = task;
  // Always the same fields in the same order: a million of them then share one shape.
  return {
    id,
    seq,
    revision,
    state,
    kind,
    operation,
    stack,
    priority,
    queuedAt,
    notBefore,
    dependsOn,
    approval,
    key,
    attempts,
    lease,
  };
}

/**
 * A copy of a task with some fields changed. Field by field: a spread makes objects that are slow to read and to print,
 * and this is most of what a queue does.
 */
export function changed(task: Task, changes: Partial<Task>): Task {
  const copy: Task = {
    id: task.id,
    seq: task.seq,
    revision: task.revision,
    state: task.state,
    kind: task.kind,
    operation: task.operation,
    stack: task.stack,
    priority: task.priority,
    queuedAt: task.queuedAt,
    notBefore: task.notBefore,
    dependsOn: task.dependsOn,
    approval: task.approval,
    key: task.key,
    attempts: task.attempts,
    lease: task.lease,
    name: task.name,
    input: task.input,
    retries: task.retries,
    timeoutMs: task.timeoutMs,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    endedAt: task.endedAt,
    by: task.by,
    cancelling: task.cancelling,
    progress: task.progress,
    result: task.result,
    error: task.error,
    history: task.history,
  } satisfies Record<keyof Task, unknown>;
  return Object.assign(copy, changes);
}
