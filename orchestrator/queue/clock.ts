/** The time, and what wakes up later. Injected, so that a test can jump. */
export interface Clock {
  /** Milliseconds since 1970; may jump. */
  now(): number;
  /** Milliseconds since some moment; never jumps. */
  monotonic(): number;
  /** @returns what calls it off */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers take no longer time. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS)).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
