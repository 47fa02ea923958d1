import { z } from "zod";
import { IMPACTS } from "../../preview/impact/report";
import { hasEnded } from "../tasks/states";
import type { Task } from "../tasks/task";
import type { LogLine } from "../storage/storage";
import { STATUS, status, timeOf } from "./task-view";

const time = z.iso.datetime();

/** What an engine tells of resources. What is not listed here is left out: no value of any field can get into an answer. */
const impactReport = z.object({
  engine: z.string(),
  compared_with: z.string().describe("What the stack was compared with."),
  changed: z.int(),
  unchanged: z.int(),
  impacts: z.partialRecord(z.enum(IMPACTS), z.int()).describe("How many resources have which impact."),
  resources: z.array(
    z.object({
      urn: z.string(),
      kind: z.string(),
      namespace: z.string().nullable(),
      name: z.string(),
      impact: z.enum(IMPACTS),
      reason: z.string(),
      fields: z.array(z.string()).describe("Paths of the fields that change; never their values."),
    }),
  ),
  findings: z.array(z.object({ rule: z.string(), severity: z.string(), message: z.string() })),
});

/** What a task has done so far, and what that means. */
export const taskReport = z.strictObject({
  task: z.string(),
  status,
  steps: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum([STATUS.running, STATUS.completed, STATUS.failed, STATUS.cancelled]),
      started_at: time,
      completed_at: time.nullable(),
    }),
  ),
  progress: z.strictObject({ done: z.number(), total: z.number(), message: z.string() }).nullable(),
  impact: impactReport.nullable().describe("Null until the task is completed, and where its engine tells none."),
});
export type TaskReport = z.infer<typeof taskReport>;

/** @param events Those lines of its log that begin a step. */
export function reportOf(task: Task, events: readonly LogLine[]): TaskReport {
  const impact = impactReport.safeParse(task.result);
  return {
    task: task.id,
    status: STATUS[task.state],
    steps: events.map(({ at, text }, index) => {
      const next = events[index + 1];
      return {
        name: text,
        status: next ? STATUS.completed : lastStatus(task),
        started_at: timeOf(at),
        completed_at: next ? timeOf(next.at) : task.endedAt === undefined ? null : timeOf(task.endedAt),
      };
    }),
    progress: task.progress ?? null,
    impact: impact.success ? impact.data : null,
  };
}

/** A task that waits for its next attempt, or for its place, has failed at its last step. */
function lastStatus({ state }: Task): TaskReport["steps"][number]["status"] {
  if (hasEnded(state)) return STATUS[state];
  return state === "running" ? STATUS.running : STATUS.failed;
}
