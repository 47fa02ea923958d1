import type { TaskKind } from "../tasks/kinds";
import type { Backoff } from "./backoff";

/** How a queue behaves. */
export interface QueueSettings {
  /** What a submission leaves out. */
  defaults: { priority: number; retries: number; timeoutMs: number };
  /** Tasks that run at once: of all kinds, and of single kinds. */
  concurrency: { total: number; kinds: Partial<Record<TaskKind, number>> };
  backoff: Backoff;
  /** Milliseconds of waiting that weigh as much as one step of priority: nothing waits forever. */
  agingMs: number;
  /** Milliseconds without a sign of life after which a task is another's. */
  leaseMs: number;
  /** Milliseconds from being told to stop until a task counts as stopped. */
  graceMs: number;
  /** Tasks that may wait at once. */
  longest: number;
  /** Ended tasks that are kept: so many, each for so many milliseconds. */
  keep: { tasks: number; ms: number };
}

export const DEFAULT_SETTINGS: QueueSettings = {
  defaults: { priority: 5, retries: 3, timeoutMs: 60 * 60 * 1000 },
  concurrency: { total: 4, kinds: {} },
  backoff: { firstMs: 5000, longestMs: 5 * 60 * 1000 },
  agingMs: 10 * 60 * 1000,
  leaseMs: 30 * 1000,
  graceMs: 60 * 1000,
  longest: 1_000_000,
  keep: { tasks: 100_000, ms: 90 * 24 * 60 * 60 * 1000 },
};
