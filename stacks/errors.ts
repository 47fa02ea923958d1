/**
 * A mistake of the user's, told so that they can mend it: what, where, what is allowed, what to do next. It is printed
 * without a stack trace; every other error is a bug of ours and keeps its trace.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}
