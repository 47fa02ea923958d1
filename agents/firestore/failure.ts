/** A call that did not do what it was asked to, in words for whoever asked. */
export class Failure extends Error {
  /**
   * @param statusCode As HTTP has them: 400 for what the caller can mend, 207 when a part of a batch was done.
   * @param details Further fields of the answer, such as the results of a batch.
   */
  constructor(
    readonly statusCode: number,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** What each status of gRPC is in HTTP. https://cloud.google.com/apis/design/errors */
const HTTP_CODES: Readonly<Record<number, number>> = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
};

/** The status of gRPC that an error carries; undefined for any other error. */
export function grpcCode(error: unknown): number | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "number" ? code : undefined;
}

/**
 * What an error is to the caller: Firestore's refusals in its own words, everything unforeseen without any.
 *
 * Firestore's client throws plain `Error`s for arguments that it does not take; any other class is a bug of ours.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = grpcCode(error);
  if (code !== undefined) return new Failure(HTTP_CODES[code] ?? 500, oneLine((error as Error).message));
  if (error instanceof Error && error.constructor === Error) return new Failure(400, oneLine(error.message));
  return new Failure(500, "internal error of the agent; its log has more");
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, " ").trim().slice(0, 2000);
}
