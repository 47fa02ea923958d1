import type { Firestore } from "@google-cloud/firestore";
import { z } from "zod";
import type { EventLog } from "./event-log";
import { Failure } from "./failure";

/** What the tools work on. */
export interface Context {
  db: Firestore;
  events: EventLog;
  /** What an error is to the caller; the unforeseen ones are logged on the way. */
  explain(error: unknown): Failure;
}

/** What a call answers, beside `ok`. */
export type Answer = Record<string, unknown>;

/** A tool, as a client sees it and as the server calls it. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  /** What the arguments must be. */
  input: z.ZodType;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean };
  /** @throws Failure */
  call(args: unknown, context: Context): Promise<Answer>;
}

type Facts = Pick<Tool, "name" | "title" | "description">;

/** What a call does to the database, in the words of the protocol. */
export const EFFECTS = {
  reads: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  writes: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  appends: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
} as const;

/** Makes a tool of one call. */
export function single<Schema extends z.ZodType>(
  facts: Facts & { effect: keyof typeof EFFECTS; input: Schema },
  call: (args: z.output<Schema>, context: Context) => Promise<Answer>,
): Tool {
  const { effect, ...rest } = facts;
  return {
    ...rest,
    annotations: EFFECTS[effect],
    call: (args, context) => call(parsed(facts.input, args), context),
  };
}

/** Makes a tool that does the same to many items, each for itself: what is wrong with one keeps no other from being done. */
export function batch<Schema extends z.ZodType>(
  facts: Facts & { effect: keyof typeof EFFECTS; item: Schema; maximum: number },
  call: (item: z.output<Schema>, context: Context) => Promise<Answer>,
  summary: (results: readonly Answer[]) => Answer = () => ({}),
): Tool {
  const { effect, item: schema, maximum, ...rest } = facts;
  const list = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item).min(1).max(maximum) });
  return {
    ...rest,
    input: list(schema),
    annotations: EFFECTS[effect],
    call: async (args, context) => {
      const { items } = parsed(list(z.unknown()), args);
      const outcomes = await Promise.all(
        items.map(async (item, index) => {
          try {
            return { result: { index, ...(await call(parsed(schema, item), context)) } };
          } catch (error) {
            const { statusCode: status_code, message } = context.explain(error);
            return { error: { index, status_code, error: message } };
          }
        }),
      );
      const results = outcomes.flatMap(({ result }) => result ?? []);
      const errors = outcomes.flatMap(({ error }) => error ?? []);
      const answer = {
        count: items.length,
        succeeded: results.length,
        failed: errors.length,
        results,
        errors,
        ...summary(results),
      };
      if (errors.length === 0) return answer;
      throw new Failure(207, `${errors.length} of ${items.length} items failed; errors has each`, answer);
    },
  };
}

/** The arguments, checked: all problems at once, each with its place. */
function parsed<Schema extends z.ZodType>(schema: Schema, args: unknown): z.output<Schema> {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  throw new Failure(
    400,
    result.error.issues
      .map(({ path, message }) => (path.length === 0 ? message : `${placeOf(path)}: ${message}`))
      .join("; "),
  );
}

/** `where[0].op` */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
