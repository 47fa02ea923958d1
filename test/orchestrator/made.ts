import { taskOf, type Submission } from "../../orchestrator/tasks/submission";
import type { Task } from "../../orchestrator/tasks/task";

/** A submission that asks for nothing special. */
export const ASKED: Submission = { kind: "cluster", operation: "create", input: { infra: "production" } };

/** A new task that was not stored yet. */
export function newTask(id: string, asked: Partial<Submission> = {}, now = 1000): Task {
  return taskOf(
    { ...ASKED, ...asked },
    {
      id,
      by: "ann",
      now,
      queuedAt: now,
      dependsOn: asked.dependsOn ?? [],
      defaults: { priority: 5, retries: 3, timeoutMs: 60_000 },
    },
  );
}
