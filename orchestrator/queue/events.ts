import type { AuditNote } from "../storage/audit";
import type { Task } from "../tasks/task";

/** What happened, told once it survives a crash. */
export type QueueEvent =
  /** `n`: its number in the audit log, from which a listener that was away reads on. */
  | { type: "task"; n: number; note: AuditNote; task: Task }
  /** A running task came further: told at once, kept nowhere else. */
  | { type: "progress"; task: Task };

export type Listener = (event: QueueEvent) => void;
