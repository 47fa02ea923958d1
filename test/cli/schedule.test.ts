import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Served } from "../orchestrator/api/served";
import { PlayedClock } from "../orchestrator/queue/played-clock";
import { ran } from "./ran";

const clock = new PlayedClock();
let served: Served;

beforeAll(async () => {
  served = await Served.start({ clock });
});

afterAll(async () => {
  await served.stop();
});

const schedule = (...args: string[]) => ran(["schedule", ...args, "--url", served.service.url]);
/** What one of them printed; it must have been done. */
const printed = async (...args: string[]) => {
  const { status, stdout, stderr } = await schedule(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
};

const NIGHTLY = ["cluster", "--id", "nightly", "--cron", "0 3 * * *", "--infra", "kind", "--operation", "drift"];
const HEAD = "nightly  0 3 * * * Europe/Prague  overlap: replace\ncluster drift of kind, by local\n";
const NEXT = [21, 22, 23, 24, 25].map((day) => `2026-11-${day}T02:00:00.000Z`);
const next = `next: ${NEXT.join("\n      ")}\n`;

test("a schedule is made, shown, listed, paused, resumed and deleted", async () => {
  expect(await printed("list")).toBe("no schedules\n");
  const made = await printed("create", ...NIGHTLY, "--timezone", "Europe/Prague", "--overlap", "replace");
  expect(made).toBe(HEAD + next);
  expect(await printed("show", "nightly")).toBe(made);
  expect(await printed("pause", "nightly", "--why", "release freeze")).toBe(
    `${HEAD}paused at 2026-11-21T00:00:00.000Z by local: release freeze\n`,
  );
  expect(await printed("list")).toBe(
    "nightly  paused                    0 3 * * * Europe/Prague  cluster drift of kind\n",
  );
  expect(await printed("resume", "nightly")).toBe(made);
  expect(await printed("list")).toBe(`nightly  ${NEXT[0] ?? ""}  0 3 * * * Europe/Prague  cluster drift of kind\n`);
  expect(await printed("delete", "nightly")).toBe("nightly was deleted\n");
  expect(await printed("list")).toBe("no schedules\n");
});

test("a preview of a layer is submitted at its time, and told as the last one", async () => {
  const what = ["taskserv", "--infra", "kind", "--taskserv", "nats", "--check"];
  await printed("create", "--id", "hourly", "--cron", "0 * * * *", ...what);
  await clock.pass(3_600_000);
  let shown = "";
  // It is told once its submission is durable.
  while (!shown.includes("last: ")) shown = await printed("show", "hourly");
  const id = /last: \S+ {2}(\S+)/.exec(shown)?.[1] ?? "";
  expect(shown.split("\n").slice(0, 4)).toEqual([
    "hourly  0 * * * * UTC  overlap: skip",
    "taskserv preview of create of kind, by local",
    `last: 2026-11-21T01:00:00.000Z  ${id}`,
    "next: 2026-11-21T02:00:00.000Z",
  ]);
  expect(await served.task(id)).toMatchObject({
    kind: "taskserv",
    operation: "preview",
    input: { infra: "kind", taskserv: "nats", preview_of: "create" },
    by: "schedule hourly of local",
  });
});

const GOOD = { "--id": "new", "--cron": "0 3 * * *", "--infra": "kind" };
const create = (workflow: string, wrong: Record<string, string>) =>
  schedule("create", workflow, ...Object.entries({ ...GOOD, ...wrong }).flat());

test.each([
  [
    { "--cron": "0 25 * * *" },
    "0 25 * * * is no cron expression: Invalid value for hour: 25; give one as 0 3 * * 1-5 (body.cron) [invalid]",
  ],
  [{ "--infra": "nope" }, "there is no stack nope (there are: kind, production) (body.task.infra) [stack-unknown]"],
  [{ "--id": "a b" }, "body.id: must be 1 to 64 letters, digits, _ or - (body.id) [invalid]"],
  [
    { "--timezone": "Mars/Base" },
    "there is no time zone Mars/Base; give one as Europe/Prague (body.timezone) [invalid]",
  ],
])("create with %j is refused, and nothing is made", async (wrong, message) => {
  expect(await create("cluster", wrong)).toEqual({ status: 1, stdout: "", stderr: `error: ${message}\n` });
  expect((await schedule("show", "new")).status).toBe(1);
});

test("a second one of the same name is refused", async () => {
  await printed("create", "cluster", ...Object.entries({ ...GOOD, "--id": "twice" }).flat());
  expect(await create("servers", { "--id": "twice" })).toEqual({
    status: 1,
    stdout: "",
    stderr: "error: there is a schedule twice already; delete it first (body.id) [schedule-exists]\n",
  });
});

test("given a workflow that there is not, or none of the policies, create says which there are", async () => {
  const refused = (message: string) => ({
    status: 2,
    stdout: "",
    stderr: `error: ${message}\nnext: noetl-ops schedule create --help\n`,
  });
  expect(await create("clustr", {})).toEqual(
    refused("there is no workflow 'clustr'; it is one of servers, taskserv, cluster"),
  );
  expect(await create("cluster", { "--overlap": "no" })).toEqual(
    refused("option '--overlap <policy>' argument 'no' is invalid. Allowed choices are skip, allow, replace."),
  );
});

test.each(["show", "pause", "resume", "delete"])("%s of a schedule that there is not is refused", async (verb) => {
  expect(await schedule(verb, "x")).toEqual({
    status: 1,
    stdout: "",
    stderr: "error: no schedule x (path.id) [not-found]\n",
  });
});

test("given no address, list says what one looks like", async () => {
  expect(await ran(["schedule", "list", "--url", "nowhere"])).toEqual({
    status: 1,
    stdout: "",
    stderr: "error: --url nowhere is no address; give one as http://127.0.0.1:8080\n",
  });
});
