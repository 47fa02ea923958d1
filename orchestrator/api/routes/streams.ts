import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { z } from "zod";
import { hasEnded } from "../../tasks/states";
import type { ApiContext } from "../context";
import { route, type Route } from "../route";
import { flag, idParams, whole } from "../schemas";
import { timeOf } from "../task-view";
import { existing } from "./tasks";

const NDJSON = "application/x-ndjson";
/** Milliseconds between two looks at a log that grows. */
const LOOK_MS = 250;
const PAGE = 1000;

const lastEventId = z.object({
  "last-event-id": z
    .string()
    .regex(/^\d{1,15}$/, "must be the id of an event")
    .optional()
    .describe("The last event that was seen: what came after it is sent first."),
});

/** Routes whose answers are streams. */
export function streamRoutes(context: ApiContext): Route[] {
  const { streams, storage } = context;
  const events = { describes: "Server-sent events: `task` with an id, `progress` without.", type: "text/event-stream" };
  return [
    route({
      method: "GET",
      path: "/events",
      id: "watch_all",
      summary: "Watch all tasks",
      needs: "view",
      headers: lastEventId,
      answers: { 200: events },
      handle: async ({ headers, reply }) => {
        await streams.serve(() => hijacked(reply), { after: numberOf(headers["last-event-id"]) });
        return undefined;
      },
    }),
    route({
      method: "GET",
      path: "/tasks/{id}/events",
      id: "watch_task",
      summary: "Watch one task from its beginning until it has ended",
      needs: "view",
      params: idParams,
      headers: lastEventId,
      answers: { 200: events },
      handle: async ({ params, headers, reply }) => {
        const { id } = await existing(context, params.id);
        await streams.serve(() => hijacked(reply), { after: numberOf(headers["last-event-id"]), task: id });
        return undefined;
      },
    }),
    route({
      method: "GET",
      path: "/tasks/{id}/logs",
      id: "read_logs",
      summary: "Read what a task printed: a JSON object a line",
      needs: "view",
      params: idParams,
      query: z.strictObject({
        follow: flag.describe("Goes on until the task has ended."),
        after: whole(0, 999_999_999, 0).describe("Lines to leave out."),
      }),
      answers: { 200: { describes: "Lines with `at`, `stream` and `text`.", type: NDJSON } },
      handle: async ({ params, query, reply }) => {
        const { id } = await existing(context, params.id);
        await reply
          .header("content-type", `${NDJSON}; charset=utf-8`)
          .send(Readable.from(lines(context, id, query.follow ?? false, query.after)));
        return undefined;
      },
    }),
  ];

  async function* lines({ isStopping }: ApiContext, id: string, follow: boolean, leaveOut: number) {
    let left = leaveOut;
    for (let cursor: string | undefined; ;) {
      const state = await storage.stateOf(id);
      const page = await storage.readLog(id, { ...(cursor !== undefined && { cursor }), limit: PAGE });
      ({ cursor } = page);
      const shown = page.lines.slice(left);
      left = Math.max(0, left - page.lines.length);
      if (shown.length > 0) yield shown.map((line) => `${JSON.stringify({ ...line, at: timeOf(line.at) })}\n`).join("");
      if (page.lines.length === PAGE) continue;
      // Its state was read first: what it printed last is in the page.
      if (!follow || isStopping() || state === undefined || hasEnded(state)) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function hijacked(reply: { hijack: () => void; raw: ServerResponse }) {
  reply.hijack();
  return reply.raw;
}
