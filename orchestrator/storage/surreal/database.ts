import type { Surreal } from "surrealdb";

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

/** Another process writes here by now. */
export class Deposed extends Error {
  override readonly name = "Deposed";
}

/** Thrown by a transaction that finds another commit than the one it was made on. */
export const MOVED = "noetl: moved";

/** Another process has its term, which has not ended. */
export class Held extends Error {
  override readonly name = "Held";
}

/** Thrown by a transaction that would begin a term while another's has not ended. */
export const HELD = "noetl: held";

/** The oldest SurrealDB that understands the statements here, and the first that may not. */
export const VERSIONS = { from: 3, below: 4 };

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

/**
 * Runs statements by the client.
 *
 * @returns the result of each
 * @throws Away, Contended, Held
 */
export async function run(client: Surreal, text: string, values?: Record<string, unknown>): Promise<unknown[]> {
  let errors: Error[];
  try {
    const responses = await client.query(text, values).responses();
    errors = responses.flatMap((response) => (response.success ? [] : [response.error]));
    if (errors.length === 0) return responses.map((response) => (response.success ? response.result : undefined));
  } catch (error) {
    throw meant(error);
  }
  // Of a transaction all statements fail, and one of them says why.
  throw meant(errors.find(({ message }) => !message.includes("not executed")) ?? errors[0]);
}

/** Tells what an error of the client means for who asked. */
export function meant(error: unknown): unknown {
  if (!isError(error)) return error;
  const { name, message } = error;
  if (message.includes(HELD)) return new Held(message);
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

/** Does it again while others are quicker. */
export async function contended<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Contended)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
    }
  }
}
