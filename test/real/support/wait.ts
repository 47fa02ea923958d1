import { setTimeout as delay } from "node:timers/promises";

/** How long to wait, and how often to look. */
export interface WaitOptions {
  /** Milliseconds; generous, because it is reached only when something is wrong. @default 180_000 */
  limit?: number;
  /** Milliseconds between two looks. @default 50 */
  every?: number;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param what names what is waited for, in the error
 * @param look returns undefined while there is nothing; what it throws ends the wait
 * @throws Error when the limit is reached
 */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  { limit = 180_000, every = 50 }: WaitOptions = {},
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > end) throw new Error(`waited ${limit / 1_000} s for ${what}, in vain`);
    await delay(every);
  }
}
