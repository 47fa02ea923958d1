import { z } from "zod";
import { SPAN_MS } from "../activity";
import type { ApiContext } from "../context";
import { may, RIGHTS, ROLE_NAMES } from "../roles";
import { done, route, type Route } from "../route";
import { success } from "../schemas";
import { timeOf } from "../task-view";

const person = z.strictObject({
  name: z.string(),
  roles: z.array(z.enum(ROLE_NAMES)),
  rights: z.array(z.enum(RIGHTS)).describe("What the roles allow."),
});

const span = z.strictObject({
  at: z.iso.datetime().describe("Its beginning."),
  submitted: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  pending: z.int().describe("At its end."),
  running: z.int().describe("At its end."),
});

const activityView = z.strictObject({
  seconds: z.number().describe("Length of a span."),
  spans: z.array(span).describe("Oldest first; the last one goes on."),
});

/** Routes that a dashboard needs beside those about tasks. */
export function dashboardRoutes({ activity }: ApiContext): Route[] {
  return [
    route({
      method: "GET",
      path: "/whoami",
      id: "whoami",
      summary: "Who asks, and what they may do",
      needs: "view",
      answers: { 200: { describes: "The person.", schema: success(person) } },
      handle: ({ person: who }) =>
        Promise.resolve(
          done({ name: who.name, roles: [...who.roles], rights: RIGHTS.filter((right) => may(who, right)) }),
        ),
    }),
    route({
      method: "GET",
      path: "/queue/activity",
      id: "read_activity",
      summary: "How deep the queue was and what came out of it, in the last hour",
      needs: "view",
      answers: {
        200: { describes: "Since the service started, an hour at most.", schema: success(activityView) },
      },
      handle: () =>
        Promise.resolve(
          done({
            seconds: SPAN_MS / 1000,
            spans: activity.spans().map((one) => ({ ...one, at: timeOf(one.at) })),
          }),
        ),
    }),
  ];
}
