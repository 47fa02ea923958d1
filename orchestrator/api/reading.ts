import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { invalid } from "./problem";

/**
 * What reads one part of a route's requests by its schema.
 *
 * @param place `path`, `query`, `header` or `body`, for messages.
 */
export function reader(place: string, schema: z.ZodType | undefined): (value: unknown) => unknown {
  if (!schema) return () => undefined;
  return (value) => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw invalid(place, result.error);
  };
}

/** The same of headers: most requests have none of those that a route declares, and they are all alike. */
export function headerReader(schema: z.ZodType | undefined): (headers: IncomingHttpHeaders) => unknown {
  const read = reader("header", schema);
  const none = schema?.safeParse({});
  if (!(schema instanceof z.ZodObject) || !none?.success) return read;
  const names = Object.keys(schema.shape);
  const withoutAny: unknown = Object.freeze(none.data);
  return (headers) => (names.some((name) => headers[name] !== undefined) ? read(headers) : withoutAny);
}
