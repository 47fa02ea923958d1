import { z } from "zod";
import { KINDS } from "../../tasks/kinds";
import type { ApiContext } from "../context";
import { done, route, type Route } from "../route";
import { success, whyBody } from "../schemas";
import { timeOf } from "../task-view";

const scope = z.union([
  z.strictObject({ all: z.literal(true) }),
  z.strictObject({ kind: z.enum(KINDS) }),
  z.strictObject({ stack: z.string().min(1).max(100) }),
]);
const pauseBody = z.strictObject({ scope, why: whyBody.shape.why });

const queueView = z
  .strictObject({
    draining: z.boolean().describe("Takes no new task and begins none."),
    running: z.int(),
    waiting: z.record(z.string(), z.int()).describe("Tasks that have not ended, by what they wait for."),
    paused: z.array(z.strictObject({ scope, by: z.string(), at: z.iso.datetime(), why: z.string() })),
  })
  .describe("How the queue is.");
export type QueueView = z.infer<typeof queueView>;

/** Routes by which work is held up and let go on. */
export function queueRoutes(context: ApiContext): Route[] {
  const { queue } = context;
  return [
    route({
      method: "GET",
      path: "/queue",
      id: "get_queue",
      summary: "Read what is paused, and how much waits",
      needs: "view",
      answers: { 200: { describes: "How the queue is.", schema: success(queueView) } },
      handle: async () => done(await viewOf(context)),
    }),
    ...(["pause", "resume"] as const).map((verb) =>
      route({
        method: "POST",
        path: `/queue/${verb}`,
        id: `${verb}_queue`,
        summary:
          verb === "pause"
            ? "Begin no task of a scope until it is resumed; what runs goes on"
            : "Begin tasks of a scope again; of everything: after a drain, too",
        needs: "administer",
        body: pauseBody,
        answers: { 200: { describes: "Done, durably.", schema: success(scope) } },
        handle: async ({ person, body }) => {
          await queue[verb](body.scope, person.name, body.why ?? `${verb} by ${person.name}`);
          return done(body.scope);
        },
      }),
    ),
    route({
      method: "POST",
      path: "/queue/drain",
      id: "drain_queue",
      summary: "Take no new task and begin none, until everything is resumed or the service starts anew",
      needs: "administer",
      body: whyBody.optional(),
      answers: { 202: { describes: "Begun; what runs goes on to its end.", schema: success(queueView) } },
      handle: async ({ person, body }) => {
        await queue.beginDrain(person.name, body?.why ?? `drain by ${person.name}`);
        return done(await viewOf(context), { status: 202 });
      },
    }),
  ];
}

async function viewOf({ queue }: ApiContext): Promise<QueueView> {
  const { running, ...waiting } = queue.counts();
  const pauses = await queue.pauses();
  return {
    draining: queue.isDraining,
    running,
    waiting,
    paused: pauses.map((pause) => ({ ...pause, at: timeOf(pause.at) })),
  };
}
