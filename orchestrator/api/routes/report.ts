import type { LogLine, Storage } from "../../storage/storage";
import type { ApiContext } from "../context";
import { done, route, type Route } from "../route";
import { idParams, success } from "../schemas";
import { reportOf, taskReport } from "../task-report";
import { existing } from "./tasks";

const PAGE = 1000;

/** The route of a task's report. */
export function reportRoutes(context: ApiContext): Route[] {
  const report = route({
    method: "GET",
    path: "/tasks/{id}/report",
    id: "get_report",
    summary: "Read a task's steps, and what it changes with the impact of each change",
    needs: "view",
    params: idParams,
    answers: { 200: { describes: "The report so far.", schema: success(taskReport) } },
    handle: async ({ params }) => {
      const task = await existing(context, params.id);
      return done(reportOf(task, await stepsIn(context.storage, task.id)));
    },
  });
  return [report];
}

/** Lines of a log that begin a step. */
async function stepsIn(storage: Storage, id: string): Promise<LogLine[]> {
  const steps: LogLine[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await storage.readLog(id, { ...(cursor !== undefined && { cursor }), limit: PAGE });
    steps.push(...page.lines.filter(({ stream }) => stream === "event"));
    if (page.lines.length < PAGE) return steps;
    ({ cursor } = page);
  }
}
