import { describe, expect, test } from "@jest/globals";
import { Activity } from "../../../orchestrator/api/activity";
import type { Listener, QueueEvent } from "../../../orchestrator/queue/events";
import type { Queue } from "../../../orchestrator/queue/queue";
import type { TaskState } from "../../../orchestrator/tasks/states";
import { newTask } from "../made";

/** What an activity hears of a queue in which two tasks wait and one runs. */
function heard() {
  let now = 1_000_000;
  const listeners = new Set<Listener>();
  const queue = {
    core: { clock: { now: () => now } },
    counts: () => ({ dependencies: 1, approval: 0, time: 0, stack: 0, place: 1, running: 1 }),
    listen: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Queue;
  const tell = (event: QueueEvent) => {
    for (const listener of listeners) listener(event);
  };
  const task = newTask("t");
  return {
    activity: new Activity(queue),
    listeners,
    at: (time: number) => (now = time),
    tell,
    move: (from: TaskState | null, to: TaskState) => {
      tell({ type: "task", n: 1, note: { at: now, by: "ann", action: `task.${to}`, task: "t", from, to }, task });
    },
  };
}

const EMPTY = { submitted: 0, completed: 0, failed: 0, cancelled: 0 };

describe("the activity of a queue", () => {
  test("given tasks that move, counts what came and went, and how deep the queue was at the end", () => {
    const { activity, move, at } = heard();
    move(null, "pending");
    move("pending", "running");
    move("running", "failed");
    move("failed", "pending");
    at(1_010_000);
    move("pending", "running");
    move("running", "completed");
    move("pending", "cancelled");
    expect(activity.spans()).toEqual([
      { ...EMPTY, at: 1_000_000, submitted: 1, failed: 1, pending: 3, running: 1 },
      { ...EMPTY, at: 1_010_000, completed: 1, cancelled: 1, pending: 1, running: 1 },
    ]);
  });

  test("given an approval and progress, counts neither", () => {
    const { activity, tell } = heard();
    const task = newTask("t");
    tell({ type: "task", n: 1, note: { at: 1, by: "ann", action: "task.approved", task: "t" }, task });
    tell({ type: "progress", task });
    expect(activity.spans()).toEqual([{ ...EMPTY, at: 1_000_000, pending: 2, running: 1 }]);
  });

  test("given time in which nothing happens, tells how deep the queue was, for an hour at most", () => {
    const { activity, at } = heard();
    at(1_025_000);
    expect(activity.spans().map(({ at: start, pending }) => [start, pending])).toEqual([
      [1_000_000, 2],
      [1_010_000, 2],
      [1_020_000, 2],
    ]);
    for (const later of [1_000_000 + 7_200_000, 9_000_000_000]) {
      at(later);
      const spans = activity.spans();
      expect([spans.length, spans.at(-1)?.at]).toEqual([360, later]);
    }
  });

  test("given a clock that is set back, goes on in the same span; once closed, hears nothing", () => {
    const { activity, at, move, listeners } = heard();
    at(900_000);
    move(null, "pending");
    expect(activity.spans()).toEqual([{ ...EMPTY, at: 1_000_000, submitted: 1, pending: 3, running: 1 }]);
    activity.close();
    expect(listeners.size).toBe(0);
  });
});
