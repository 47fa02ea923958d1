import type { FastifyReply } from "fastify";
import type { z } from "zod";
import type { Person, Right } from "./roles";

/** A request that was admitted and read. */
export interface Asked<P, Q, H, B> {
  person: Person;
  params: P;
  query: Q;
  headers: H;
  body: B;
  /** For those that stream; others resolve with their answer. */
  reply: FastifyReply;
}

export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** One answer of a route: JSON by a schema, or a text of a media type. */
export type Answer = { describes: string; schema: z.ZodType } | { describes: string; type: string };

/** A route: what it reads and answers stands here once, for validation, types and the OpenAPI document. */
export interface Route<P = unknown, Q = unknown, H = unknown, B = unknown> {
  method: "GET" | "POST" | "DELETE";
  /** As OpenAPI writes it: `/tasks/{id}`. */
  path: string;
  /** Name of the operation, for clients that are made from the document. */
  id: string;
  summary: string;
  needs: Right;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  /** Other headers are let through. */
  headers?: z.ZodType<H>;
  body?: z.ZodType<B>;
  /** By status. What is refused needs none: it always looks alike. */
  answers: Readonly<Record<number, Answer>>;
  /** Undefined: it has answered by itself. */
  handle: (asked: Asked<P, Q, H, B>) => Promise<Reply | undefined>;
}

/** A route whose types are inferred; in a list all are alike. */
export function route<P, Q, H, B>(one: Route<P, Q, H, B>): Route {
  return one as unknown as Route;
}

/** The answer of a request that was done. */
export function done(
  data: unknown,
  { status = 200, headers = {}, ...more }: Partial<Reply> & Record<string, unknown> = {},
): Reply {
  return { status, headers, body: { success: true, data, error: null, ...more } };
}
