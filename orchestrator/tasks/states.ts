/** The states of a task. One that rests in `failed` is a dead letter: nothing but a person's retry moves it. */
export const STATES = ["pending", "running", "completed", "failed", "cancelled"] as const;
export type TaskState = (typeof STATES)[number];

/** Those in which nothing moves a task but a person. */
export const ENDED_STATES = ["completed", "failed", "cancelled"] as const satisfies readonly TaskState[];

/** Where a task may go from each state; what is not listed is refused. */
const TRANSITIONS = {
  // Fails without having run when what it depends on failed.
  pending: ["running", "failed", "cancelled"],
  // Back to pending when its lease was lost or handed back: that is nobody's failure.
  running: ["completed", "failed", "cancelled", "pending"],
  completed: [],
  // By itself while retries are left, by a person's retry afterwards.
  failed: ["pending"],
  cancelled: ["pending"],
} as const satisfies Record<TaskState, readonly TaskState[]>;

/** One move of a task. */
export interface Transition {
  /** `null`: the task was submitted. */
  from: TaskState | null;
  to: TaskState;
  /** Milliseconds since 1970. */
  at: number;
  /** A person's or a process's name. */
  by: string;
  why: string;
}

/** Whether a task may go from one state to another. */
export function mayMove(from: TaskState, to: TaskState): boolean {
  return (TRANSITIONS[from] as readonly TaskState[]).includes(to);
}

/** Whether nothing moves a task in this state but a person. */
export function hasEnded(state: TaskState): state is (typeof ENDED_STATES)[number] {
  return state === "completed" || state === "failed" || state === "cancelled";
}
