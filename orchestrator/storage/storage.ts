import type { Json } from "../tasks/json";
import type { TaskState } from "../tasks/states";
import type { Task, TaskHead } from "../tasks/task";
import type { AuditEntry, AuditNote, AuditVerdict } from "./audit";
import type { Page, TaskQuery } from "./query";

export interface Commit {
  /**
   * Tasks as they are to be; their `revision` is the one that was read, 0 of a new task. They are the storage's from then
   * on, which may give them their next revision, and their `seq` to new ones.
   */
  tasks?: readonly Task[];
  /** The same tasks as they were read, where that is known: a storage may then write only what has changed. */
  before?: readonly (Task | undefined)[];
  /** Ended tasks that are forgotten, with their logs. */
  removed?: readonly { id: string; revision: number }[];
  documents?: readonly DocumentWrite[];
  /** Appended to the audit log. */
  audit?: readonly AuditNote[];
  /** Nobody waits for it: it may be made durable a little later, together with what comes. Its place in the order stays. */
  later?: boolean;
}

/** A small thing beside the tasks: a schedule, a pause, a stack's owner. */
export interface Document {
  collection: string;
  id: string;
  /** Grows by one with each write. */
  revision: number;
  value: Json;
}

/** `revision`: the one that was read, 0 for a new document. No value: it is removed. */
export interface DocumentWrite {
  collection: string;
  id: string;
  revision: number;
  value?: Json;
}

/** Records of another storage as they are: with their revisions, their places in the order and in the chain. */
export interface Loaded {
  tasks?: readonly Task[];
  /** Tasks that the other one no longer has; their logs go with them. */
  removed?: readonly string[];
  documents?: readonly Document[];
  gone?: readonly { collection: string; id: string }[];
  /** In order; those that are there already are passed over. */
  audit?: readonly AuditEntry[];
  /** The next opening's `session` is greater, so that no fencing token is given again. */
  session?: number;
}

/** A commit that was decided: later ones build on it. A crash may yet undo it, and then undoes all later ones. */
export interface Committed {
  /** As written, in the order of the commit. */
  tasks: readonly Task[];
  /** Their heads. */
  heads: readonly TaskHead[];
  /** Number of the first audit entry; the others follow it. */
  firstAudit: number;
  /** Resolves once it survives a crash and a power loss. */
  durable: Promise<void>;
}

/** One line of a task's log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  at: number;
  stream: "stdout" | "stderr" | "event";
  text: string;
}

export interface LogPage {
  lines: readonly LogLine[];
  /** Reads on from here, also lines that are yet to come. */
  cursor: string;
}

export interface Health {
  /** `away`: the database cannot be reached at present. */
  state: "ok" | "full" | "away" | "broken";
  /** Why, for people. */
  reason?: string;
}

/**
 * Where tasks are kept. All that is written goes through `commit`: all or nothing, in one order that all readers see.
 *
 * Refusals (`Refusal.code`): `conflict` when a revision is not the one that was read, `key-reused` with the `id` of the
 * task that has the key, `disk-full` for new tasks while there is no room, `storage-away` while the database
 * cannot be reached, `storage-broken`, `closed`.
 */
export interface Storage {
  /** Grows with each opening, durably: the upper half of a fencing token. */
  readonly session: number;
  /** True: nobody else can have this storage open, so leases of earlier sessions are dead. */
  readonly exclusive: boolean;
  /** What was found and repaired when it was opened, for people. */
  readonly notices: readonly string[];

  commit(commit: Commit): Promise<Committed>;

  task(id: string): Promise<Task | undefined>;
  /** Several at once, in the order of their ids. */
  tasksById(ids: readonly string[]): Promise<readonly (Task | undefined)[]>;
  /** The task that was submitted with an idempotency key. */
  taskByKey(key: string): Promise<Task | undefined>;
  /** Whether what `task` tells of it survives a crash. */
  isDurable(id: string): Promise<boolean>;
  /** State of a task, without reading it. */
  stateOf(id: string): Promise<TaskState | undefined>;
  /** @throws Refusal `invalid` for a cursor that is none */
  tasks(query: TaskQuery): Promise<Page>;
  /** Heads of all that have not ended, in the order of submission. */
  unended(): AsyncIterable<TaskHead>;
  /** How many tasks there are in each state. */
  counts(): Promise<Record<TaskState, number>>;

  document(collection: string, id: string): Promise<Document | undefined>;
  documents(collection: string): Promise<readonly Document[]>;
  /** Names of those that have documents. */
  collections(): Promise<readonly string[]>;

  /** Lines survive a crash once `flushLog` or a later durable commit of the task has resolved. */
  appendLog(task: string, lines: readonly LogLine[]): Promise<void>;
  flushLog(task: string): Promise<void>;
  /** @param cursor Default: from the beginning. @throws Refusal `invalid` for a cursor that is none */
  readLog(task: string, options?: { cursor?: string; limit?: number }): Promise<LogPage>;

  /** Audit entries with numbers greater than `after`, oldest first. */
  audit(options: { after: number; limit: number; task?: string }): Promise<readonly AuditEntry[]>;
  /** Follows the whole chain. */
  verifyAudit(): Promise<AuditVerdict>;

  /**
   * Writes records of another storage over what is here, durably: for a copy that nobody else has open. Loading the same
   * again changes nothing.
   */
  load(records: Loaded): Promise<void>;

  health(): Health;
  /** Writes all that is decided, and lets go of everything. */
  close(): Promise<void>;
}
