import { z } from "zod";
import { leaf } from "./leaf";

/** One line of text without control characters, and without `$(`, which the kubelet would take for a variable. */
export function line(maximum: number) {
  return leaf(
    z
      .string()
      .min(1)
      .max(maximum)
      // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
      .regex(/^(?!.*\$\()[^\x00-\x1f\x7f]*$/),
    { kind: "text", allowed: `one line of 1 to ${maximum} characters, without "$("` },
  );
}

/** Why somebody did something: a line that says more than a word. */
export function reason() {
  return leaf(
    z
      .string()
      .max(500)
      .regex(/^\S[^\n]{8,}\S$/),
    { kind: "reason", allowed: "a line of 10 to 500 characters" },
  );
}

/** The name of a rule of the checks. */
export function ruleName() {
  return leaf(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), {
    kind: "rule",
    allowed: "the name of a rule: lower-case letters, digits and '-'",
  });
}
