import { z } from "zod";
import { personBehind } from "../../queue/schedules";
import { KINDS } from "../../tasks/kinds";
import { Refusal } from "../../tasks/errors";
import type { Task } from "../../tasks/task";
import type { ApiContext } from "../context";
import { ApiError } from "../problem";
import type { Person } from "../roles";
import { done, route, type Route } from "../route";
import { flag, idParams, several, taskAnswer, whole, whyBody } from "../schemas";
import { found } from "../search";
import { OPERATION_NAMES, stateOf, status, taskView, viewOf, type TaskView } from "../task-view";

const listAnswer = z.strictObject({
  success: z.literal(true),
  data: z.array(taskView),
  error: z.null(),
  cursor: z.string().nullable().describe("For the next page; null: there are no more."),
});

/** Routes that read tasks, and those by which people move them. */
export function taskRoutes(context: ApiContext): Route[] {
  const { queue, storage } = context;
  return [
    route({
      method: "GET",
      path: "/tasks",
      id: "list_tasks",
      summary: "List tasks, the newest first",
      needs: "view",
      query: z.strictObject({
        status: several(status).describe("May be repeated, like the next two."),
        kind: several(z.enum(KINDS)),
        operation: several(z.enum(OPERATION_NAMES)),
        stack: z.string().max(100).optional(),
        needs_approval: flag.describe("Those that wait for a person."),
        search: z
          .string()
          .max(200)
          .optional()
          .describe("Words of id, name, stack, workflow, operation and who submitted; a page may then be short."),
        brief: flag.describe("Leaves out what is long: input and history are empty, result is null."),
        first: z.enum(["newest", "oldest"]).default("newest"),
        limit: whole(1, 1000, 100),
        cursor: z.string().max(200).optional().describe("Of the page before."),
      }),
      answers: { 200: { describes: "A page of tasks.", schema: listAnswer } },
      handle: async ({ query }) => {
        const page = await found(storage, query.search ?? "", {
          states: query.status?.map(stateOf),
          kinds: query.kind,
          operations: query.operation,
          stack: query.stack,
          needsApproval: query.needs_approval,
          first: query.first,
          limit: query.limit,
          cursor: query.cursor,
        });
        const views = await Promise.all(page.tasks.map((task) => shown(context, task)));
        return done(
          query.brief === true ? views.map((view) => ({ ...view, input: {}, history: [], result: null })) : views,
          { cursor: page.cursor ?? null },
        );
      },
    }),
    route({
      method: "GET",
      path: "/tasks/{id}",
      id: "get_task",
      summary: "Read one task",
      needs: "view",
      params: idParams,
      answers: { 200: { describes: "The task.", schema: taskAnswer } },
      handle: async ({ params }) => done(await shown(context, await existing(context, params.id))),
    }),
    moving(context, "cancel", "Cancel a task that waits, or ask one that runs to stop", "operate", (id, who, why) =>
      queue.cancel(id, who.name, why),
    ),
    moving(context, "retry", "Put a task that failed or was cancelled in line again", "operate", (id, who, why) =>
      queue.retry(id, who.name, why),
    ),
    moving(context, "approve", "Let a task run that waits for a person's approval", "approve", async (id, who, why) => {
      const { by } = await existing(context, id);
      // Where there are no tokens, there is one person only.
      if (personBehind(by) === who.name && who.name !== "local") {
        const message = "whoever submitted a task cannot approve it";
        throw new ApiError("own-task", message, [{ path: "path.id", message }]);
      }
      return queue.approve(id, who.name, why);
    }),
    moving(context, "reject", "Cancel a task that waits for a person's approval", "approve", (id, who, why) =>
      queue.reject(id, who.name, why),
    ),
  ];
}

function moving(
  context: ApiContext,
  verb: "cancel" | "retry" | "approve" | "reject",
  summary: string,
  needs: "operate" | "approve",
  move: (id: string, who: Person, why: string) => Promise<Task>,
): Route {
  return route({
    method: "POST",
    path: `/tasks/{id}/${verb}`,
    id: `${verb}_task`,
    summary,
    needs,
    params: idParams,
    body: whyBody.optional(),
    answers: { 200: { describes: "The task afterwards.", schema: taskAnswer } },
    handle: async ({ person, params, body }) =>
      done(await shown(context, await move(params.id, person, body?.why ?? `${verb} by ${person.name}`))),
  });
}

async function shown({ queue, storage }: ApiContext, task: Task): Promise<TaskView> {
  return viewOf(task, await storage.isDurable(task.id), queue.waiting(task.id));
}

/** @throws Refusal `not-found` */
export async function existing({ storage }: ApiContext, id: string): Promise<Task> {
  const task = await storage.task(id);
  if (!task) throw new Refusal("not-found", `no task ${id}`, { id });
  return task;
}
