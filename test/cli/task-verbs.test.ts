import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { PermanentError } from "../../orchestrator/tasks/errors";
import { Served, type Script } from "../orchestrator/api/served";
import { PlayedClock } from "../orchestrator/queue/played-clock";
import { ran } from "./ran";

const AT = "2026-11-21T00:00:00.000Z";
let served: Served;

beforeAll(async () => {
  served = await Served.start({ clock: new PlayedClock() });
});
beforeEach(() => {
  served.script = () => Promise.resolve({ done: true });
});
afterAll(async () => {
  await served.stop();
});

const task = (...args: string[]) => ran(["task", ...args, "--url", served.service.url]);
/** What one of them printed; it must have been done. */
const printed = async (...args: string[]) => {
  const { status, stdout, stderr } = await task(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.replaceAll(`${hostname()}/${process.pid}/1`, "OWNER");
};
const submitted = async (...args: string[]) => (await printed("submit", ...args)).trim();
const refused = (message: string) => ({ status: 1, stdout: "", stderr: `error: ${message}\n` });
const CLUSTER = ["cluster", "--infra", "kind"];

/** A script that runs until it is told to stop. */
function endless(): { script: Script; runs: Promise<void> } {
  let begun: () => void = () => undefined;
  const runs = new Promise<void>((resolve) => (begun = resolve));
  const script: Script = (_work, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
      begun();
    });
  return { script, runs };
}

test("submit prints the id; the same key gives the same task, and none for another request", async () => {
  const id = await submitted(...CLUSTER, "--key", "release-17");
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await printed("submit", ...CLUSTER, "--key", "release-17")).toBe(`${id}\n`);
  expect(await task("submit", "cluster", "--infra", "production", "--key", "release-17")).toEqual(
    refused(
      `key local release-17: task ${id} was submitted with it, for another request (header.idempotency-key) [key-reused]`,
    ),
  );
});

test("submit says all that was asked for", async () => {
  const asked = ["--name", "the queue", "--priority", "9", "--retries", "1", "--timeout", "60"];
  const before = await submitted(...CLUSTER);
  const id = await submitted("taskserv", "--infra", "kind", "--taskserv", "nats", "--after", before, ...asked);
  expect(await served.task(id)).toMatchObject({
    name: "the queue",
    kind: "taskserv",
    operation: "create",
    stack: "kind",
    input: { infra: "kind", taskserv: "nats" },
    priority: 9,
    retries: 1,
    timeout_seconds: 60,
    depends_on: [before],
  });
});

test.each([
  [["cluster", "--infra", "nope"], "there is no stack nope (there are: kind, production) (body.infra) [stack-unknown]"],
  [[...CLUSTER, "--after", "x"], "dependsOn: no task x (body.depends_on) [dependency-unknown]"],
])("submit %j is refused", async (args, message) => {
  expect(await task("submit", ...args)).toEqual(refused(message));
});

test.each([
  [["submit", "clustr", "--infra", "kind"], "there is no workflow 'clustr'; it is one of servers, taskserv, cluster"],
  [["submit", "cluster"], "required option '--infra <stack>' not specified"],
  [
    ["submit", ...CLUSTER, "--priority", "11"],
    "option '--priority <number>' argument '11' is invalid. It must be a whole number from 0 to 9.",
  ],
  [
    ["list", "--status", "Done"],
    "option '--status <status>' argument 'Done' is invalid. Allowed choices are Pending, Running, Completed, Failed, Cancelled.",
  ],
])("%j is wrong usage", async (args, message) => {
  const [verb = ""] = args;
  const stderr = `error: ${message}\nnext: noetl-ops task ${verb} --help\n`;
  expect(await task(...args)).toEqual({ status: 2, stdout: "", stderr });
});

test("submit --watch follows the task to its end, and show tells of it afterwards", async () => {
  const told = await printed("submit", ...CLUSTER, "--watch");
  const [id = ""] = /^[0-9a-f-]{36}(?= {2}Completed$)/m.exec(told) ?? [];
  const history = [
    `${AT}  Pending    local: submitted`,
    `${AT}  Running    OWNER: attempt 1`,
    `${AT}  Completed  OWNER: completed`,
    "",
  ].join("\n");
  const shown = `${id}  Completed\ncluster create of kind, by local, attempt 1 of 4\n${history}{\n  "done": true\n}\n`;
  expect(told).toBe(history + shown);
  expect(await printed("show", id)).toBe(shown);
});

test("list has pages, the newest first", async () => {
  const [older, newer] = [await submitted(...CLUSTER), await submitted(...CLUSTER)];
  for (const id of [older, newer]) await printed("watch", id);
  const page = await printed("list", "--limit", "1");
  const [, cursor = ""] = /^more: --cursor (\d+)$/m.exec(page) ?? [];
  expect(page).toBe(`${newer}  Completed  cluster   create   kind\nmore: --cursor ${cursor}\n`);
  expect((await printed("list", "--limit", "1", "--cursor", cursor)).split("\n")[0]).toBe(
    `${older}  Completed  cluster   create   kind`,
  );
  expect(await task("list", "--limit", "0")).toEqual(
    refused("query.limit: Too small: expected number to be >=1 (query.limit) [invalid]"),
  );
  expect(await task("list", "--cursor", "x")).toEqual(
    refused("cursor: it is of no page before (query.cursor) [invalid]"),
  );
});

test("a task waits for its approval, then runs; one that is refused is cancelled", async () => {
  const id = await submitted("taskserv", "--infra", "kind", "--taskserv", "nats", "--approval");
  const { depends_on: previews } = await served.task(id);
  await printed("watch", ...previews);
  expect(await printed("list", "--needs-approval")).toBe(
    `${id}  Pending    taskserv  create   kind  waits: approval\n`,
  );
  expect(await printed("approve", id, "--why", "read it")).toBe(`${id}  Pending\n`);
  expect((await printed("watch", id)).split("\n").slice(0, 4)).toEqual([
    `${AT}  Pending    local: submitted`,
    `${AT}  task.approved  local: read it`,
    `${AT}  Running    OWNER: attempt 1`,
    `${AT}  Completed  OWNER: completed`,
  ]);
  expect(await task("approve", id)).toEqual(
    refused(`task ${id} does not wait for an approval: it is completed (path.id) [wrong-state]`),
  );
  const other = await submitted("servers", "--infra", "kind", "--server", "pool-a", "--approval");
  expect(await printed("reject", other, "--why", "not now")).toBe(`${other}  Cancelled\n`);
  expect(await served.task(other)).toMatchObject({ status: "Cancelled", history: [{}, { why: "refused: not now" }] });
});

test("logs has what a task printed, without secrets, as text and as JSON", async () => {
  served.script = async (_work, context) => {
    await context.log([
      { at: 1, stream: "stdout", text: "hello" },
      { at: 2, stream: "stderr", text: "token=abc" },
    ]);
    return null;
  };
  const id = await submitted(...CLUSTER);
  expect(await printed("logs", id, "--follow")).toBe("hello\ntoken=[secret]\n");
  expect(await printed("logs", id, "--json")).toBe(
    `{"at":"1970-01-01T00:00:00.001Z","stream":"stdout","text":"hello"}\n` +
      `{"at":"1970-01-01T00:00:00.002Z","stream":"stderr","text":"token=[secret]"}\n`,
  );
});

test("one that failed is retried, told to stop while it runs, and ends as cancelled", async () => {
  served.script = () => Promise.reject(new PermanentError("bad", "no way"));
  const id = await submitted(...CLUSTER);
  expect((await task("watch", id)).status).toBe(1);
  expect((await printed("show", id)).split("\n").at(-2)).toBe("error: no way [bad]");
  const { script, runs } = endless();
  served.script = script;
  expect(await printed("retry", id, "--why", "again")).toBe(`${id}  Pending\n`);
  await runs;
  expect(await printed("cancel", id, "--why", "enough")).toBe(`${id}  is told to stop\n`);
  const { status, stdout } = await task("watch", id);
  expect({
    status,
    lines: stdout
      .split("\n")
      .slice(3, 7)
      .map((line) => line.replace(/\S+\/1:/, "OWNER:")),
  }).toEqual({
    status: 1,
    lines: [
      `${AT}  Pending    local: again`,
      `${AT}  Running    OWNER: attempt 1`,
      `${AT}  task.cancelling  local: enough`,
      `${AT}  Cancelled  local: enough`,
    ],
  });
});

test("one that waits is cancelled at once, and only once; it is not retried before what it waits for", async () => {
  const { script, runs } = endless();
  served.script = script;
  const first = await submitted(...CLUSTER);
  const id = await submitted(...CLUSTER, "--after", first);
  await runs;
  expect(await printed("list", "--status", "Pending")).toBe(
    `${id}  Pending    cluster   create   kind  waits: dependencies\n`,
  );
  expect(await printed("cancel", id)).toBe(`${id}  Cancelled\n`);
  expect(await task("cancel", id)).toEqual(refused(`task ${id} is cancelled (path.id) [wrong-state]`));
  await printed("cancel", first);
  expect((await task("watch", first)).status).toBe(1);
  expect(await task("retry", id)).toEqual(
    refused(`task ${first}, which it depends on, is cancelled: retry that first (path.id) [dependency-failed]`),
  );
});

test.each(["watch", "retry", "approve", "reject"])("%s of a task that there is not is refused", async (verb) => {
  expect(await task(verb, "x")).toEqual(refused("no task x (path.id) [not-found]"));
});
