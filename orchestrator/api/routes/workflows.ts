import { z } from "zod";
import { WORKFLOWS, type WorkflowKind } from "../../tasks/kinds";
import { hasEnded } from "../../tasks/states";
import type { Task } from "../../tasks/task";
import type { Submitted } from "../../queue/submit";
import type { ApiContext } from "../context";
import { ApiError } from "../problem";
import { done, route, type Reply, type Route } from "../route";
import { idempotencyKey, success } from "../schemas";
import { whenEnded } from "../when-ended";
import { batchBody, BODIES, submissionsOf } from "../workflows";

const id = z.string().describe("Id of the task.");
const ended = z.union([
  success(id),
  z.strictObject({
    success: z.literal(false),
    data: id,
    error: z.strictObject({ code: z.string(), message: z.string() }),
  }),
]);

const WORDS: Record<WorkflowKind, string> = {
  servers: "compute: clusters and node pools",
  taskserv: "one layer of the platform, with what it needs",
  cluster: "a whole environment",
};

/** Routes that submit tasks. */
export function workflowRoutes(context: ApiContext): Route[] {
  return [...WORKFLOWS.map((kind) => create(kind, context)), batch(context)];
}

function create(kind: WorkflowKind, { queue, stacks }: ApiContext): Route {
  return route({
    method: "POST",
    path: `/workflows/${kind}/create`,
    id: `submit_${kind}`,
    summary: `Submit a task for ${WORDS[kind]}`,
    needs: "operate",
    headers: idempotencyKey,
    body: BODIES[kind] as typeof BODIES.servers,
    answers: {
      200: { describes: "The task has ended, which was waited for. `success` tells how.", schema: ended },
      202: { describes: "The task was submitted, durably; `data` is its id.", schema: success(id) },
    },
    handle: async ({ person, headers, body, reply }) => {
      const key = keyOf(person.name, headers["idempotency-key"]);
      const submitted = await queue.submitAll(await submissionsOf(kind, body, { stacks, key }), person.name);
      const last = lastOf(submitted);
      if (!body.wait) return accepted(last);
      const task = await whenEnded(queue, last.task.id, body.wait_seconds * 1000, reply.raw);
      return task && hasEnded(task.state) ? endedReply(task) : accepted(last);
    },
  });
}

function batch({ queue, stacks }: ApiContext): Route {
  return route({
    method: "POST",
    path: "/tasks/batch",
    id: "submit_batch",
    summary: "Submit many tasks, all or none; they may depend on each other by ref",
    needs: "operate",
    headers: idempotencyKey,
    body: batchBody,
    answers: {
      202: {
        describes: "All were submitted, durably; `data` has their ids in the same order.",
        schema: success(z.array(id)),
      },
    },
    handle: async ({ person, headers, body }) => {
      const key = keyOf(person.name, headers["idempotency-key"]);
      const groups = [];
      for (const [at, { workflow, ...asked }] of body.tasks.entries()) {
        const place = `body.tasks[${at}]`;
        groups.push(
          await submissionsOf(workflow, asked, { stacks, key: key === undefined ? undefined : `${key}/${at}`, place }),
        );
      }
      const submitted = await queue.submitAll(groups.flat(), person.name);
      let next = 0;
      const ids = groups.map((group) => submitted[(next += group.length) - 1]?.task.id ?? "");
      return done(ids, { status: 202 });
    },
  });
}

/** Two people may choose the same key. */
export function keyOf(name: string, key: string | undefined): string | undefined {
  return key === undefined ? undefined : `${name} ${key}`;
}

function lastOf(submitted: readonly Submitted[]): Submitted {
  const last = submitted.at(-1);
  if (!last) throw new ApiError("internal", "a submission has a task");
  return last;
}

function accepted({ task, isNew }: Submitted): Reply {
  const replayed = isNew ? undefined : { "idempotency-replayed": "true" };
  return done(task.id, { status: 202, headers: { location: `/tasks/${task.id}`, ...replayed } });
}

function endedReply({ id: task, state, error }: Task): Reply {
  const headers = { location: `/tasks/${task}` };
  if (state === "completed") return done(task, { headers });
  const { code = state, message = `task ${task} was ${state}` } = error ?? {};
  return { status: 200, headers, body: { success: false, data: task, error: { code, message } } };
}
