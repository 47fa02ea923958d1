import type { JsonObject } from "./json";
import type { Operation, TaskKind } from "./kinds";
import type { Task } from "./task";

/** What is asked for when a task is submitted. */
export interface Submission {
  kind: TaskKind;
  operation: Operation;
  stack?: string;
  name?: string;
  input: JsonObject;
  /** 0 to 9, greater is more urgent. Default: the queue's. */
  priority?: number;
  retries?: number;
  timeoutMs?: number;
  /** Milliseconds since 1970. Default: at once. */
  notBefore?: number;
  /** Ids of tasks, or the `ref` of others that are submitted with it. */
  dependsOn?: readonly string[];
  /** Its name among those that are submitted with it. */
  ref?: string;
  /** A person must approve it before it runs. Default: no. */
  needsApproval?: boolean;
  /** Idempotency key. */
  key?: string;
}

/** What the queue adds. */
export interface Birth {
  id: string;
  by: string;
  /** Milliseconds since 1970. */
  now: number;
  queuedAt: number;
  dependsOn: readonly string[];
  defaults: { priority: number; retries: number; timeoutMs: number };
}

/** The task of a submission; the storage gives it its place. */
export function taskOf(asked: Submission, birth: Birth): Task {
  const { id, by, now, queuedAt, dependsOn, defaults } = birth;
  return {
    id,
    seq: 0,
    revision: 0,
    state: "pending",
    kind: asked.kind,
    operation: asked.operation,
    stack: asked.stack,
    priority: asked.priority ?? defaults.priority,
    queuedAt,
    notBefore: asked.notBefore,
    dependsOn,
    approval: asked.needsApproval === true ? { state: "waiting" } : undefined,
    key: asked.key,
    attempts: 0,
    name: asked.name,
    input: asked.input,
    retries: asked.retries ?? defaults.retries,
    timeoutMs: asked.timeoutMs ?? defaults.timeoutMs,
    createdAt: now,
    by,
    history: [{ from: null, to: "pending", at: now, by, why: "submitted" }],
  };
}
