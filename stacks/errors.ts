/**
 * A mistake of the user's, told so that they can mend it: what, where, what is allowed, what to do next. It is printed
 * without a stack trace; every other error is a bug of ours and keeps its trace.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** What a message says first; below it may stand a trace, or what to do next. */
export function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}
