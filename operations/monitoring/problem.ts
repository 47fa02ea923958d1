/** Why an API gave no answer that can be used. */
export type ProblemKind = "unreachable" | "unauthorized" | "rateLimited" | "unsupported" | "refused" | "unreadable";

/** An API gave no answer that can be used. Never holds a token. */
export class ApiProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
    /** What to do about it. */
    readonly next: string,
    /** Seconds that the API wants to be left alone, if it says so. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}
