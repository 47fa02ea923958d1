import { afterEach, describe, expect, test } from "@jest/globals";
import { lastDue, personBehind, Schedules, type Overlap } from "../../../orchestrator/queue/schedules";
import type { TaskState } from "../../../orchestrator/tasks/states";
import { ASKED } from "../made";
import { Opened } from "./opened";
import { settled } from "./played-clock";

const HOUR = 3_600_000;
const DRIFT = {
  id: "drift",
  cron: "0 * * * *",
  overlap: "allow" as const,
  tasks: [{ ...ASKED, operation: "drift" as const }],
  asked: { workflow: "cluster", infra: "kind" },
};

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
  await started(q).add(DRIFT, "ann");
  await q.clock.pass(2.5 * HOUR);
  expect(await keys(q)).toEqual(["2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"]);
  expect(await q.storage.task("t1")).toMatchObject({ operation: "drift", by: "schedule drift of ann" });
});

test("of the times that passed while nobody was there only the last one", async () => {
  const q = (opened = await Opened.create());
  await started(q).add(DRIFT, "ann");
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
  await started(q).add(DRIFT, "ann");
  q.clock.jump(1000 * HOUR);
  await q.clock.pass(HOUR / 30);
  expect(await keys(q)).toHaveLength(1);
  q.clock.jump(-1000 * HOUR);
  await q.clock.pass(2 * HOUR);
  expect(await keys(q)).toEqual(["2027-01-01T16:00:00.000Z", "2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"]);
});

test("a schedule that was removed is submitted no more", async () => {
  const q = (opened = await Opened.create());
  await started(q).add(DRIFT, "ann");
  await schedules?.remove("drift", "bob", "not needed");
  await q.clock.pass(3 * HOUR);
  expect(await keys(q)).toEqual([]);
  await expect(schedules?.remove("drift", "bob", "")).rejects.toMatchObject({ code: "not-found" });
});

test.each([
  ["61 * * * *", undefined, "cron", "Invalid value for minute"],
  ["0 3 * *", undefined, "cron", "five"],
  ["0 0 30 2 *", undefined, "cron", "never comes"],
  ["0 * * * *", "Mars/Olympus", "timezone", "there is no time zone Mars/Olympus"],
])("%s in %s is refused", async (cron, timezone, field, message) => {
  const q = (opened = await Opened.create());
  await expect(started(q).add({ ...DRIFT, cron, timezone }, "ann")).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining(message) as unknown,
    details: { field },
  });
  expect(await schedules?.all()).toEqual([]);
});

test("a name is given once", async () => {
  const q = (opened = await Opened.create());
  await started(q).add(DRIFT, "ann");
  await expect(schedules?.add(DRIFT, "bob")).rejects.toMatchObject({ code: "schedule-exists" });
  expect(await schedules?.get("drift")).toMatchObject({ by: "ann" });
});

test("a paused schedule submits nothing, also after a restart, and does not make up for it", async () => {
  const q = (opened = await Opened.create());
  await started(q).add(DRIFT, "ann");
  await schedules?.pause("drift", "bob", "freeze");
  await q.clock.pass(3.5 * HOUR);
  await q.crash();
  started(q);
  await q.clock.pass(HOUR);
  const paused = await schedules?.get("drift");
  expect(paused).toMatchObject({ paused: { by: "bob", why: "freeze" } });
  expect(paused && schedules?.next(paused)).toEqual([]);
  const resumed = await schedules?.resume("drift", "bob", "over");
  expect(resumed && schedules?.next(resumed).map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
    "05:00",
    "06:00",
    "07:00",
    "08:00",
    "09:00",
  ]);
  await q.clock.pass(HOUR);
  expect(await keys(q)).toEqual(["2026-11-21T05:00:00.000Z"]);
});

describe("when the task of the time before has not ended", () => {
  test.each<[Overlap, (string | undefined)[], TaskState[]]>([
    ["allow", ["2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"], ["pending", "pending"]],
    ["skip", ["2026-11-21T01:00:00.000Z"], ["pending"]],
    ["replace", ["2026-11-21T01:00:00.000Z", "2026-11-21T02:00:00.000Z"], ["cancelled", "pending"]],
  ])("%s", async (overlap, times, states) => {
    const q = (opened = await Opened.create());
    await started(q).add({ ...DRIFT, overlap }, "ann");
    await q.clock.pass(2.5 * HOUR);
    expect(await keys(q)).toEqual(times);
    const { tasks } = await q.storage.tasks({ first: "oldest" });
    expect(tasks.map(({ state }) => state)).toEqual(states);
    const skipped = (await q.storage.audit({ after: 0, limit: 100 })).filter(
      ({ action }) => action === "schedule.skipped",
    );
    expect(skipped).toHaveLength(overlap === "skip" ? 1 : 0);
  });

  test("skip goes on once it has", async () => {
    const q = (opened = await Opened.create());
    await started(q).add({ ...DRIFT, overlap: "skip" }, "ann");
    await q.clock.pass(1.5 * HOUR);
    await q.queue.cancel("t1", "bob", "");
    await q.clock.pass(HOUR);
    expect(await keys(q)).toHaveLength(2);
  });
});

test("what cannot be submitted holds up no other schedule, and is tried again", async () => {
  const q = (opened = await Opened.create());
  const errors: unknown[] = [];
  schedules = new Schedules(q.queue, (error) => errors.push(error));
  await schedules.add({ ...DRIFT, tasks: [{ ...ASKED, dependsOn: ["none"] }] }, "ann");
  await schedules.add({ ...DRIFT, id: "other" }, "ann");
  await q.clock.pass(1.01 * HOUR);
  expect(errors).toMatchObject([{ code: "dependency-unknown" }]);
  expect((await q.storage.tasks({})).tasks).toMatchObject([{ by: "schedule other of ann" }]);
  await q.clock.pass(HOUR / 30);
  expect(errors.length).toBeGreaterThan(1);
});

test("a preview and the task that waits for it come together, and the person behind both is known", async () => {
  const q = (opened = await Opened.create());
  const tasks = [
    { ...ASKED, operation: "preview" as const, ref: "p" },
    { ...ASKED, needsApproval: true, dependsOn: ["p"] },
  ];
  await started(q).add({ ...DRIFT, tasks }, "ann");
  await q.clock.pass(HOUR);
  expect(await q.storage.task("t2")).toMatchObject({ dependsOn: ["t1"], approval: { state: "waiting" } });
  expect(await schedules?.get("drift")).toMatchObject({ lastTask: "t2" });
  expect(personBehind((await q.storage.task("t2"))?.by ?? "")).toBe("ann");
  expect(personBehind("ann")).toBe("ann");
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
