import type { TaskError } from "./task";

/** What a request to the core can be refused for; the API answers by it. */
export type RefusalCode =
  /** No such task, schedule or document. */
  | "not-found"
  /** The task's state does not allow it: told with that state. */
  | "wrong-state"
  /** Somebody else has written in between. */
  | "conflict"
  /** The lease was lost: the work must not be committed. */
  | "lease-lost"
  /** The same key was used for another request. */
  | "key-reused"
  /** Another schedule has the name. */
  | "schedule-exists"
  /** Dependencies that go round in a circle, or lead nowhere. */
  | "dependency-cycle"
  | "dependency-unknown"
  | "dependency-failed"
  | "invalid"
  /** No new work at present. */
  | "disk-full"
  | "queue-full"
  | "draining"
  /** The database cannot be reached at present. */
  | "storage-away"
  /** The storage cannot go on; the process must start anew. */
  | "storage-broken"
  | "closed";

/** A request that the core refuses; the state of everything is as before. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  /** @param details What a program needs to act on it, as `{ id, state }`. */
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
  }
}

/** Thrown by what runs a task, where another attempt would fail in the same way. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Why work is broken off that somebody else may begin soon: it must be over by then, however it ends. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** What is kept of an error that ended an attempt. Anything not known to be permanent is tried again. */
export function taskErrorOf(error: unknown): TaskError {
  if (error instanceof PermanentError) return { code: error.code, message: error.message, permanent: true };
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "failed";
  return { code, message, permanent: false };
}

/** The error again that something kept of it. */
export function errorOf({ code, message, permanent }: TaskError): Error {
  return permanent ? new PermanentError(code, message) : Object.assign(new Error(message), { code });
}
