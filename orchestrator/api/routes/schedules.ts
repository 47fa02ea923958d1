import { z } from "zod";
import { OVERLAPS, type Schedule } from "../../queue/schedules";
import type { ApiContext } from "../context";
import { done, route, type Route } from "../route";
import { success, whyBody } from "../schemas";
import { timeOf } from "../task-view";
import { scheduledBody, submissionsOf } from "../workflows";

const id = z.string().regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -");
const params = z.strictObject({ id });
const cron = z
  .string()
  .regex(/^[^\p{Cc}]{1,200}$/u, "must be a cron expression, as 0 3 * * 1-5")
  .describe("Five fields, as 0 3 * * 1-5; six with seconds before them.");
const timezone = z
  .string()
  .regex(/^[A-Za-z0-9_+/-]{1,64}$/, "must be a time zone, as Europe/Prague")
  .default("UTC")
  .describe("As Europe/Prague.");
const overlap = z
  .enum(OVERLAPS)
  .default("skip")
  .describe(
    "When the task of the time before has not ended: leave the time out, submit beside it, or cancel it first.",
  );

const scheduleBody = z.strictObject({ id, cron, timezone, overlap, task: scheduledBody });

const optionalTime = z.iso.datetime().nullable();
const scheduleView = z
  .strictObject({
    id: z.string(),
    cron: z.string(),
    timezone: z.string(),
    overlap: z.enum(OVERLAPS),
    task: z.record(z.string(), z.unknown()).describe("What is submitted, as it was asked for."),
    by: z.string().describe("Who made it."),
    created_at: z.iso.datetime(),
    paused: z.strictObject({ by: z.string(), at: z.iso.datetime(), why: z.string() }).nullable(),
    next: z.array(z.iso.datetime()).describe("The next times, the soonest first; none while it is paused."),
    last_at: optionalTime.describe("The last time that was dealt with."),
    last_task: z.string().nullable().describe("The last task that was submitted."),
  })
  .describe("Tasks that are submitted again and again.");
export type ScheduleView = z.infer<typeof scheduleView>;

/** Routes about tasks that are submitted by the clock. */
export function scheduleRoutes(context: ApiContext): Route[] {
  const { schedules, stacks } = context;
  const view = (schedule: Schedule) => viewOf(schedule, schedules.next(schedule));
  const answer = success(scheduleView);
  return [
    route({
      method: "POST",
      path: "/schedules",
      id: "create_schedule",
      summary: "Submit a task again and again, by a cron expression",
      needs: "operate",
      body: scheduleBody,
      answers: { 201: { describes: "It was made, durably.", schema: answer } },
      handle: async ({ person, body }) => {
        const { workflow, ...asked } = body.task;
        const tasks = await submissionsOf(workflow, asked, { stacks, place: "body.task" });
        const { task, ...rest } = body;
        const schedule = await schedules.add({ ...rest, tasks, asked: task }, person.name);
        return done(view(schedule), { status: 201, headers: { location: `/schedules/${schedule.id}` } });
      },
    }),
    route({
      method: "GET",
      path: "/schedules",
      id: "list_schedules",
      summary: "List schedules, with their next times",
      needs: "view",
      answers: { 200: { describes: "All, by their ids.", schema: success(z.array(scheduleView)) } },
      handle: async () => done((await schedules.all()).map(view)),
    }),
    route({
      method: "GET",
      path: "/schedules/{id}",
      id: "get_schedule",
      summary: "Read one schedule",
      needs: "view",
      params,
      answers: { 200: { describes: "The schedule.", schema: answer } },
      handle: async ({ params: { id: name } }) => done(view(await schedules.get(name))),
    }),
    ...(["pause", "resume"] as const).map((verb) =>
      route({
        method: "POST",
        path: `/schedules/{id}/${verb}`,
        id: `${verb}_schedule`,
        summary:
          verb === "pause"
            ? "Submit nothing until it is resumed"
            : "Submit again, from the next time on; what passed meanwhile is not made up for",
        needs: "operate",
        params,
        body: whyBody.optional(),
        answers: { 200: { describes: "The schedule afterwards.", schema: answer } },
        handle: async ({ person, params: { id: name }, body }) =>
          done(view(await schedules[verb](name, person.name, body?.why ?? `${verb} by ${person.name}`))),
      }),
    ),
    route({
      method: "DELETE",
      path: "/schedules/{id}",
      id: "delete_schedule",
      summary: "Delete a schedule; what it has submitted stays",
      needs: "operate",
      params,
      answers: { 200: { describes: "The schedule that was deleted.", schema: answer } },
      handle: async ({ person, params: { id: name } }) =>
        done(view(await schedules.remove(name, person.name, `deleted by ${person.name}`))),
    }),
  ];
}

function viewOf(schedule: Schedule, next: readonly number[]): ScheduleView {
  const { paused, createdAt, last, lastTask } = schedule;
  return {
    id: schedule.id,
    cron: schedule.cron,
    timezone: schedule.timezone ?? "UTC",
    overlap: schedule.overlap,
    task: schedule.asked,
    by: schedule.by,
    created_at: timeOf(createdAt),
    paused: paused ? { ...paused, at: timeOf(paused.at) } : null,
    next: next.map(timeOf),
    last_at: last === createdAt ? null : timeOf(last),
    last_task: lastTask ?? null,
  };
}
