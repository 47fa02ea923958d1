import { afterEach, expect, test } from "@jest/globals";
import { lastDue, Schedules } from "../../../orchestrator/queue/schedules";
import { ASKED } from "../made";
import { Opened } from "./opened";
import { settled } from "./played-clock";

const HOUR = 3_600_000;
const DRIFT = { id: "drift", cron: "0 * * * *", task: { ...ASKED, operation: "drift" as const } };

let opened: Opened | undefined;
let schedules: Schedules | undefined;
afterEach(async () => {
  schedules?.stop();
  await settled();
  await opened?.close();
});

function started(q: Opened): Schedules {
  schedules?.stop();
  return (schedules = new Schedules(q.queue, (error) => {
    throw error;
  }));
}

async function keys(q: Opened): Promise<(string | undefined)[]> {
  return (await q.storage.tasks({ first: "oldest" })).tasks.map(({ key }) => key?.slice("schedule drift ".length));
}

test("each time is submitted once", async () => {
  const q = (opened = await Opened.create());
  await started(q).set(DRIFT, "ann");
  await q.clock.pass(2.5 * HOUR);
  expect(await keys(q)).toEqual(["2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"]);
  expect(await q.storage.task("t1")).toMatchObject({ operation: "drift", by: "schedule drift of ann" });
});

test("of the times that passed while nobody was there only the last one", async () => {
  const q = (opened = await Opened.create());
  await started(q).set(DRIFT, "ann");
  await q.clock.pass(HOUR);
  schedules?.stop();
  await q.clock.pass(5.5 * HOUR);
  await q.crash();
  started(q);
  await q.clock.pass(0);
  expect(await keys(q)).toEqual(["2026-11-21T01:00:00.000Z", "2026-11-21T06:00:00.000Z"]);
});

test("a clock that jumps ahead and back neither floods nor silences", async () => {
  const q = (opened = await Opened.create());
  await started(q).set(DRIFT, "ann");
  q.clock.jump(1000 * HOUR);
  await q.clock.pass(HOUR / 30);
  expect(await keys(q)).toHaveLength(1);
  q.clock.jump(-1000 * HOUR);
  await q.clock.pass(2 * HOUR);
  expect(await keys(q)).toEqual(["2027-01-01T16:00:00.000Z", "2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"]);
});

test("a schedule that was removed is submitted no more", async () => {
  const q = (opened = await Opened.create());
  await started(q).set(DRIFT, "ann");
  await schedules?.remove("drift", "bob", "not needed");
  await q.clock.pass(3 * HOUR);
  expect(await keys(q)).toEqual([]);
  await expect(schedules?.remove("drift", "bob", "")).rejects.toMatchObject({ code: "not-found" });
});

test.each([
  ["61 * * * *", undefined],
  ["0 * * * *", "Mars/Olympus"],
])("%s in %s is refused", async (cron, timezone) => {
  const q = (opened = await Opened.create());
  await expect(started(q).set({ ...DRIFT, cron, timezone }, "ann")).rejects.toMatchObject({ code: "invalid" });
  expect(await schedules?.all()).toEqual([]);
});

test("three in the morning comes once on the days on which the clocks are changed", () => {
  const schedule = {
    ...DRIFT,
    cron: "0 3 * * *",
    timezone: "Europe/Prague",
    by: "ann",
    last: Date.UTC(2026, 9, 24, 12),
  };
  const due = lastDue(schedule, Date.UTC(2026, 9, 25, 12));
  expect(new Date(due ?? 0).toISOString()).toBe("2026-10-25T02:00:00.000Z");
  expect(lastDue({ ...schedule, last: due ?? 0 }, Date.UTC(2026, 9, 25, 12))).toBeUndefined();
});
