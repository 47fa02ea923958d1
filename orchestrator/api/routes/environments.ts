import { Readable } from "node:stream";
import type { ServerResponse } from "node:http";
import { z } from "zod";
import { DockerDown, EnvironmentError } from "../../environments/errors";
import type { EnvironmentRecord } from "../../environments/record";
import { createBody, runBody, topology, type Topology } from "../../environments/schema";
import { masked } from "../../secret-fields";
import { hasEnded } from "../../tasks/states";
import type { ApiContext } from "../context";
import { environmentDetails, environmentDetailsOf, environmentView, environmentViewOf } from "../environment-view";
import { done, route, type Reply, type Route } from "../route";
import { flag, idempotencyKey, success, whole } from "../schemas";
import { whenEnded } from "../when-ended";
import { keyOf } from "./workflows";

const NDJSON = "application/x-ndjson";

const params = z.strictObject({ id: z.string().regex(/^env-[\w-]{1,90}$/, "must be the id of an environment") });
const task = z.strictObject({ id: z.string().describe("Of the environment."), task_id: z.string() });
const failed = <T extends z.ZodType>(data: T) =>
  z.strictObject({
    success: z.literal(false),
    data,
    error: z.strictObject({ code: z.string(), message: z.string() }),
  });
const templateView = z.strictObject({
  name: z.string(),
  description: z.string(),
  cluster_type: z.string(),
  topology: topology.describe("May be sent as config.topology."),
});

/** Routes of test environments. */
export function environmentRoutes(context: ApiContext): Route[] {
  const { environments } = context;
  return [
    route({
      method: "POST",
      path: "/test/environments/create",
      id: "create_environment",
      summary: "Create a test environment",
      needs: "operate",
      headers: idempotencyKey,
      body: createBody,
      answers: {
        200: {
          describes: "Its creation has ended, which was waited for. `success` tells how.",
          schema: z.union([success(environmentView), failed(environmentView)]),
        },
        202: { describes: "A task makes it; `data.task_id` is its id.", schema: success(environmentView) },
      },
      handle: async ({ person, headers, body, reply }) => {
        const key = keyOf(person.name, headers["idempotency-key"]);
        const { record, isNew } = await environments.create(body, person.name, key);
        const { id } = record;
        const more = { location: `/test/environments/${id}`, ...(!isNew && { "idempotency-replayed": "true" }) };
        if (body.wait && record.task !== undefined) {
          const { reply: ended } = await waited(record.task, body.wait_seconds, reply.raw, async () =>
            environmentViewOf(await environments.get(id)),
          );
          if (ended) return { ...ended, headers: more };
        }
        return done(environmentViewOf(await environments.get(id)), { status: 202, headers: more });
      },
    }),
    route({
      method: "GET",
      path: "/test/environments",
      id: "list_environments",
      summary: "List all test environments, the newest first",
      needs: "view",
      answers: { 200: { describes: "Environments.", schema: success(z.array(environmentView)) } },
      handle: async () => done((await environments.list()).map(environmentViewOf)),
    }),
    route({
      method: "GET",
      path: "/test/topologies",
      id: "list_topologies",
      summary: "List the templates of topologies",
      needs: "view",
      answers: { 200: { describes: "Templates.", schema: success(z.array(templateView)) } },
      handle: () =>
        Promise.resolve(
          done(
            [...environments.catalog.templates].map(([name, { description, cluster_type, nodes, network }]) => ({
              ...{ name, description, cluster_type },
              topology: shownTopology(name, { nodes, network }),
            })),
          ),
        ),
    }),
    route({
      method: "GET",
      path: "/test/environments/{id}",
      id: "get_environment",
      summary: "Get environment details, with its containers as they are",
      needs: "view",
      params,
      answers: { 200: { describes: "The environment.", schema: success(environmentDetails) } },
      handle: async ({ params: { id } }) => {
        const record = await environments.get(id);
        return done(environmentDetailsOf(record, await containers(record)));
      },
    }),
    route({
      method: "POST",
      path: "/test/environments/{id}/run",
      id: "run_environment",
      summary: "Run tests in environment",
      needs: "operate",
      params,
      body: runBody.prefault({}),
      answers: {
        200: {
          describes: "The run has ended, which was waited for. `success` tells how; `data.tests` is its report.",
          schema: z.union([success(environmentView), failed(environmentView)]),
        },
        202: { describes: "A task runs them.", schema: success(task) },
      },
      handle: async ({ person, params: { id }, body, reply }) => {
        const run = await environments.run(id, body, person.name);
        if (body.wait) {
          const { reply: ended } = await waited(run, body.wait_seconds, reply.raw, async () =>
            environmentViewOf(await environments.get(id)),
          );
          if (ended) return ended;
        }
        return done({ id, task_id: run }, { status: 202, headers: { location: `/tasks/${run}` } });
      },
    }),
    route({
      method: "DELETE",
      path: "/test/environments/{id}",
      id: "delete_environment",
      summary: "Cleanup test environment",
      needs: "operate",
      params,
      query: z.strictObject({
        wait: flag.describe("Answer once it is gone, or after wait_seconds."),
        wait_seconds: whole(1, 300, 60),
      }),
      answers: {
        200: {
          describes: "It is gone, which was waited for, or `success` is false.",
          schema: z.union([success(task), failed(task)]),
        },
        202: { describes: "A task removes it.", schema: success(task) },
      },
      handle: async ({ person, params: { id }, query, reply }) => {
        const data = { id, task_id: await environments.remove(id, person.name) };
        if (query.wait === true) {
          const { reply: ended } = await waited(data.task_id, query.wait_seconds, reply.raw, () =>
            Promise.resolve(data),
          );
          if (ended) return ended;
        }
        return done(data, { status: 202, headers: { location: `/tasks/${data.task_id}` } });
      },
    }),
    route({
      method: "GET",
      path: "/test/environments/{id}/logs",
      id: "read_environment_logs",
      summary: "Get environment logs: a JSON object a line",
      needs: "view",
      params,
      query: z.strictObject({
        follow: flag.describe("Goes on until all containers have ended."),
        tail: z
          .string()
          .regex(/^\d{1,6}$/, "must be a whole number")
          .transform(Number)
          .optional()
          .describe("Last lines of each container. Default: all."),
        node: z.string().max(63).optional().describe("Only of this node."),
      }),
      answers: { 200: { describes: "Lines with `at`, `container`, `stream` and `text`.", type: NDJSON } },
      handle: async ({ params: { id }, query, reply }) => {
        const record = await environments.get(id);
        // A Docker that is down is an answer, not an answer that breaks off.
        await environments.containers(record);
        const { follow = false, tail, node } = query;
        const lines = environments.logs(record, { follow, tail, node });
        await reply.header("content-type", `${NDJSON}; charset=utf-8`).send(Readable.from(texts(lines)));
        return undefined;
      },
    }),
  ];

  /** What is shipped may be sent as it is; variables of the server's own are its secret. */
  function shownTopology(name: string, asked: Topology): unknown {
    return environments.catalog.own.templates.has(name) ? masked(topology, asked) : asked;
  }

  async function containers(record: EnvironmentRecord) {
    try {
      return await environments.containers(record);
    } catch (error) {
      if (error instanceof DockerDown || (error instanceof EnvironmentError && error.code === "docker-none"))
        return undefined;
      throw error;
    }
  }

  /** The answer of a task that has ended in time. */
  async function waited(
    id: string,
    seconds: number,
    asker: ServerResponse,
    dataOf: () => Promise<unknown>,
  ): Promise<{ reply?: Reply }> {
    const ended = await whenEnded(context.queue, id, seconds * 1000, asker);
    if (!ended || !hasEnded(ended.state)) return {};
    const data = await dataOf();
    if (ended.state === "completed") return { reply: done(data) };
    const { code = ended.state, message = `task ${id} was ${ended.state}` } = ended.error ?? {};
    return { reply: { status: 200, body: { success: false, data, error: { code, message } } } };
  }
}

async function* texts(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
