import { z } from "zod";
import { withoutSecrets } from "../redact";
import { taskView } from "./task-view";

/** `{ success: true, data, error: null }`. */
export function success<T extends z.ZodType>(data: T) {
  return z.strictObject({ success: z.literal(true), data, error: z.null() });
}

export const taskAnswer = success(taskView);

export const idParams = z.strictObject({
  id: z.string().regex(/^[\w-]{1,100}$/, "must be the id of a task"),
});

/** Why somebody does something: it stands in the history. */
export const whyBody = z.strictObject({
  why: z
    .string()
    .regex(/^[^\p{Cc}]{1,500}$/u, "must be 1 to 500 letters")
    .describe("Stands in the history; what looks like a secret is taken out.")
    .transform(withoutSecrets)
    .optional(),
});

export const idempotencyKey = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 printable letters without blanks")
    .refine((text) => withoutSecrets(text) === text, "looks like a secret, and it is kept: choose another one")
    .optional()
    .describe("The same key gives the same task: a request that may have been lost can be sent again."),
});

/** Of a query: it may stand there more than once. */
export function several<T extends z.ZodType>(one: T) {
  return z
    .union([one, z.array(one).max(20)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])
    .optional();
}

/** Of a query: a whole number. */
export function whole(least: number, most: number, otherwise: number) {
  return (
    z
      .string()
      .regex(/^\d{1,15}$/, "must be a whole number")
      .transform(Number)
      .pipe(z.int().min(least).max(most))
      .default(otherwise)
      // A query is text; its reader is told what the text must be.
      .meta({ type: "integer", minimum: least, maximum: most })
  );
}

export const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .optional();
