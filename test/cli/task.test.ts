import { hostname } from "node:os";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { PermanentError } from "../../orchestrator/tasks/errors";
import { Served } from "../orchestrator/api/served";
import { ran } from "./ran";

let served: Served;

beforeAll(async () => {
  served = await Served.start();
});

afterAll(async () => {
  await served.stop();
});

const task = (...args: string[]) => ran(["task", ...args, "--url", served.service.url]);

test("list has the tasks of a kind, an operation and a stack", async () => {
  const create = await served.submit({ wait: true });
  const drift = await served.submit({ infra: "production", operation: "drift", wait: true });
  const listed = async (...args: string[]) => (await task("list", ...args)).stdout;
  expect(await listed("--kind", "cluster", "--operation", "drift")).toBe(
    `${drift}  Completed  cluster   drift    production\n`,
  );
  expect(await listed("--kind", "taskserv")).toBe("no tasks\n");
  expect(await listed("--infra", "kind")).toBe(`${create}  Completed  cluster   create   kind\n`);
});

test("watch follows several tasks to their ends, and fails when one of them was not completed", async () => {
  served.script = ({ stack }) =>
    stack === "kind" ? Promise.resolve({}) : Promise.reject(new PermanentError("no", "refused"));
  const done = await served.submit();
  const failed = await served.submit({ infra: "production" });
  const { status, stdout, stderr } = await task("watch", done, failed);
  const lines = stdout
    .replaceAll(/\d{4}-\S+Z {2}/g, "")
    .replaceAll(`${hostname()}/${process.pid}/1`, "OWNER")
    .split("\n");
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  expect(lines).toContain(`${done}  Completed  OWNER: completed`);
  expect(lines).toContain(`${failed}  Failed     OWNER: attempt 1: refused`);
  expect(lines.slice(-3)).toEqual([
    `${done}  Completed  cluster   create   kind`,
    `${failed}  Failed     cluster   create   production  refused`,
    "",
  ]);
  expect((await task("watch", done)).status).toBe(0);
});

test("show, cancel and logs of a task that there is not are refused with its field", async () => {
  for (const verb of ["show", "cancel", "logs"]) {
    expect(await task(verb, "x")).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: no task x (path.id) [not-found]\n",
    });
  }
});
