import type { LogLine } from "../storage/storage";
import type { Claim } from "../queue/leases";
import type { Json } from "../tasks/json";
import type { Progress, TaskError } from "../tasks/task";

/** A task that a node runs, by its fencing token. */
export interface Held {
  id: string;
  token: number;
  /** Whether it was told to stop. */
  told: boolean;
}

/** How a task has ended on a node. */
export type Ended = { id: string; token: number } & (
  { how: "completed"; result?: Json | undefined } | { how: "failed"; error: TaskError } | { how: "back"; why: string }
);

/** What a node asks for: tasks, at most so many. It waits until there are some, or one that it runs is to stop. */
export interface Asked {
  node: string;
  /** Also what is not its own any more, until it has stopped. */
  held: readonly Held[];
  free: number;
}

/** What a node says of the tasks that it runs; that it says so is a sign of life of each. */
export interface Said {
  node: string;
  held: readonly Held[];
  /** `n` grows with each; the same number: said again, since no answer came. */
  logs: readonly { n: number; id: string; token: number; lines: readonly LogLine[] }[];
  progress: readonly { id: string; token: number; progress: Progress }[];
  ends: readonly Ended[];
}

/** Tasks that the node must stop. */
interface Orders {
  stop: readonly { id: string; token: number; why: string }[];
}

export interface Given extends Orders {
  claims: readonly Claim[];
}

export interface Heard extends Orders {
  /** Those that are not the node's any more. */
  lost: readonly { id: string; token: number }[];
}

/** Where nodes get their work: the one that leads has it. @throws NotLeading, or what `fetch` throws */
export interface Desk {
  take(asked: Asked, signal: AbortSignal): Promise<Given>;
  say(said: Said, signal: AbortSignal): Promise<Heard>;
}

/** Whoever was asked does not lead. */
export class NotLeading extends Error {
  override readonly name = "NotLeading";
}
