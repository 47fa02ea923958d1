export interface Backoff {
  /** Milliseconds before the first retry, at most. */
  firstMs: number;
  /** Milliseconds before any retry, at most. */
  longestMs: number;
}

/**
 * Milliseconds to wait after an attempt that failed: anything from 0 to twice the limit of the attempt before, so that
 * many that failed at once do not come back at once.
 *
 * @param attempt From 1.
 * @param random From 0 to below 1.
 */
export function backoffMs(attempt: number, random: number, { firstMs, longestMs }: Backoff): number {
  return Math.floor(random * Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 52)));
}
