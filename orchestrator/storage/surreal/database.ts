/** A SurrealDB that a storage speaks to: one in this process, or a server. */
export interface Database {
  /**
   * Runs statements. @returns the result of each
   *
   * @throws Away when it cannot be reached: what was asked may or may not have been done
   * @throws Contended when another transaction was quicker: nothing was done
   */
  query(text: string, values?: Record<string, unknown>): Promise<unknown[]>;
  /** Why it cannot be reached at present; undefined when it can. */
  readonly away: string | undefined;
  close(): Promise<void>;
}

/** The database cannot be reached. */
export class Away extends Error {
  override readonly name = "Away";
}

/** Another transaction has changed what this one has read. */
export class Contended extends Error {
  override readonly name = "Contended";
}

/** Thrown by a transaction that finds another commit than the one it was made on. */
export const MOVED = "noetl: moved";

/** What the client throws, as far as it matters: the package has two copies of each class, so names are compared. */
interface ClientError extends Error {
  kind?: string;
}

const LOST = new Set([
  "CallTerminatedError",
  "ConnectionUnavailableError",
  "UnexpectedConnectionError",
  "ReconnectExhaustionError",
  "HttpConnectionError",
]);

/** Tells what an error of the client means for who asked. */
export function meant(error: unknown): unknown {
  if (!isError(error)) return error;
  const { name, message } = error;
  if (LOST.has(name)) return new Away(message);
  if (message.includes(MOVED) || /transaction conflict|can be retried|already exists|already contains/i.test(message)) {
    return new Contended(message);
  }
  return error;
}

/** Errors of a package that Node has loaded for a test are of another realm. */
export function isError(error: unknown): error is ClientError {
  return typeof error === "object" && error !== null && "message" in error && "name" in error;
}
