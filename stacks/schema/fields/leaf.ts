import type { z } from "zod";

/** What a leaf type says about itself; stacks/config makes error messages and the configuration reference of it. */
export interface LeafFacts {
  /** What kind of value it is, without article: `size`, `image`. */
  kind: string;
  /** What may be written, as the continuation of "allowed: ". */
  allowed: string;
  /** The largest amount, as a Kubernetes quantity, for kinds that have one. */
  largest?: string;
}

/** Gives a type what it says about itself. */
export function leaf<T extends z.ZodType>(schema: T, facts: LeafFacts): T {
  return schema.meta({ ...facts });
}
