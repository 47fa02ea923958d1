import type { LogLine } from "../storage/storage";
import type { Json } from "../tasks/json";
import type { Progress, Task, TaskError } from "../tasks/task";

/** What stands in the stream: which attempt of which task. The task itself comes with the word to begin it. */
export interface Handed {
  id: string;
  /** Fencing token of the attempt. */
  token: number;
}

/** What a worker asks of the node that has handed out an attempt. `grant`: the word to begin that it was given. */
export type Ask = Handed &
  (
    | { ask: "begin"; worker: string }
    | { ask: "beat"; grant: number }
    | { ask: "progress"; grant: number; progress: Progress }
    /** `n` grows by one, so that lines which are sent again are taken once. */
    | { ask: "log"; grant: number; n: number; lines: readonly LogLine[] }
    | { ask: "end"; grant: number; result?: Json | undefined; error?: TaskError | undefined }
  );

/** Nothing to `begin`, or `go` on; `stop`: it is another's, has ended, or was cancelled. */
export type Answer = { task: Task; grant: number } | { go: true } | { stop: string };

/** Names in NATS of everything that belongs to a stream. */
export function namesOf(stream: string) {
  return {
    work: (priority: number) => `${stream}.work.${priority}`,
    allWork: `${stream}.work.*`,
    consumer: (priority: number) => `priority-${priority}`,
    ask: `${stream}.ask`,
    stop: `${stream}.stop`,
    wake: `${stream}.wake`,
    /** Stream of what was handed out too often, as the server tells it. */
    dead: `${stream}_DEAD`,
    advisories: `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.*`,
  };
}

/** The most urgent first. */
export const PRIORITIES = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] as const;
