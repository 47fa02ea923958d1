import { hasEnded, STATES, type TaskState } from "../../tasks/states";
import type { Task, TaskHead } from "../../tasks/task";
import type { TaskFilter } from "../query";

/** Version of all that is below: a storage of another one is not opened. */
export const FORMAT = 1;

/**
 * Every list is walked along one index, from a key on, without another condition: what SurrealDB 3.0 combines with a
 * limit, it may answer short.
 */
export const SCHEMA = `
DEFINE TABLE IF NOT EXISTS meta SCHEMALESS;
DEFINE TABLE IF NOT EXISTS writer SCHEMALESS;
DEFINE TABLE IF NOT EXISTS leader SCHEMALESS;
DEFINE TABLE IF NOT EXISTS task SCHEMALESS;
DEFINE INDEX IF NOT EXISTS task_key ON task FIELDS key UNIQUE;
DEFINE INDEX IF NOT EXISTS task_oldest ON task FIELDS oldest;
DEFINE INDEX IF NOT EXISTS task_newest ON task FIELDS newest;
DEFINE INDEX IF NOT EXISTS task_stateOldest ON task FIELDS stateOldest;
DEFINE INDEX IF NOT EXISTS task_stateNewest ON task FIELDS stateNewest;
DEFINE INDEX IF NOT EXISTS task_stackOldest ON task FIELDS stackOldest;
DEFINE INDEX IF NOT EXISTS task_stackNewest ON task FIELDS stackNewest;
DEFINE TABLE IF NOT EXISTS document SCHEMALESS;
DEFINE INDEX IF NOT EXISTS document_place ON document FIELDS place;
DEFINE TABLE IF NOT EXISTS audit SCHEMALESS;
DEFINE INDEX IF NOT EXISTS audit_n ON audit FIELDS n;
DEFINE INDEX IF NOT EXISTS audit_place ON audit FIELDS place;
DEFINE TABLE IF NOT EXISTS log SCHEMALESS;
DEFINE INDEX IF NOT EXISTS log_place ON log FIELDS place;
`;

/** What all commits change: whoever finds it as it was read may write. */
export interface Meta {
  format: number;
  /** Grows with each commit. */
  version: number;
  session: number;
  /** Session of the term in which it may be written, where several could; see `Term`. */
  term?: number;
  /** Last place in the order of submission. */
  seq: number;
  /** Number and hash of the last audit entry. */
  audit: number;
  hash: string;
  counts: Record<TaskState, number>;
}

/** A task in its table: what lists need, and the task as JSON. */
export interface TaskRow {
  task: string;
  revision: number;
  state: TaskState;
  kind: TaskHead["kind"];
  operation: TaskHead["operation"];
  stack?: string;
  waits: boolean;
  key?: string;
  oldest: string;
  newest: string;
  stateOldest: string;
  stateNewest: string;
  stackOldest?: string;
  stackNewest?: string;
  body: string;
}

/** Parts a group from a place in it; what begins with a group and ends before its END is in it. */
const PART = "\u0001";
const END = "\u0002";
/** After every place in the order of submission, as text. */
const AFTER_PLACES = "~";
/** Greater than every place in the order of submission. */
const LAST = 1e15;

/** The order of submission as text. */
function place(seq: number): string {
  return String(seq).padStart(16, "0");
}

export function rowOf(task: Task): TaskRow {
  const { id, revision, state, kind, operation, stack, key, seq } = task;
  const [oldest, newest] = [place(seq), place(LAST - seq)];
  return {
    task: id,
    revision,
    state,
    kind,
    operation,
    ...(stack !== undefined && {
      stack,
      stackOldest: stack + PART + oldest,
      stackNewest: stack + PART + newest,
    }),
    waits: state === "pending" && task.approval?.state === "waiting",
    ...(key !== undefined && { key }),
    oldest,
    newest,
    stateOldest: state + PART + oldest,
    stateNewest: state + PART + newest,
    body: JSON.stringify(task),
  };
}

/** What a list reads of a row before it reads the task. */
export type ListedRow = Pick<TaskRow, "task" | "state" | "kind" | "operation" | "stack" | "waits" | "oldest">;
export const LISTED = "task, state, kind, operation, stack, waits, oldest";

/** Whether a row is among those that are asked for. */
export function rowMatches(row: ListedRow, { states, kinds, operations, stack, needsApproval }: TaskFilter): boolean {
  return (
    (!states || states.includes(row.state)) &&
    (!kinds || kinds.includes(row.kind)) &&
    (!operations || operations.includes(row.operation)) &&
    (stack === undefined || row.stack === stack) &&
    (needsApproval === undefined || row.waits === needsApproval)
  );
}

/** A way along an index: its field, and what is between two keys. */
export interface Walk {
  field: string;
  after: string;
  before: string;
}

/** The ways that together meet every task that is asked for, each in order of submission. */
export function walks(filter: TaskFilter, first: "oldest" | "newest", seq: number | undefined): Walk[] {
  const at = seq === undefined ? "" : place(first === "oldest" ? seq : LAST - seq);
  const [plain, state, stack] =
    first === "oldest" ? ["oldest", "stateOldest", "stackOldest"] : ["newest", "stateNewest", "stackNewest"];
  if (filter.stack !== undefined) return [grouped(stack, filter.stack, at)];
  // Those in line for an approval are pending.
  const states = filter.needsApproval === true ? (["pending"] as const) : filter.states;
  if (states && states.length < STATES.length) return [...new Set(states)].map((one) => grouped(state, one, at));
  return [{ field: plain, after: at, before: AFTER_PLACES }];
}

/** What is in a group, behind a place. */
export function grouped(field: string, group: string, at: string): Walk {
  return { field, after: group + PART + at, before: group + END };
}

/** Where a document, an audit entry of a task, or a line of a task's log stands. */
export function placeIn(group: string, at: string): string {
  return group + PART + at;
}

/** The part behind the group. */
export function placeOf(text: string): string {
  return text.slice(text.indexOf(PART) + 1);
}

export function auditPlace(n: number): string {
  return place(n);
}

/** One step along a way. */
export function step(table: string, fields: string, { field }: Walk, limit: number): string {
  const order = fields.split(", ").includes(field) ? fields : `${fields}, ${field}`;
  return `SELECT ${order} FROM ${table} WHERE ${field} > $after AND ${field} < $before ORDER BY ${field} LIMIT ${limit}`;
}

export const OPEN_STATES = STATES.filter((state) => !hasEnded(state));
