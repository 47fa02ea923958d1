import { afterAll, beforeAll, expect, test } from "@jest/globals";
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

test("show, cancel and logs of a task that there is not are refused with its field", async () => {
  for (const verb of ["show", "cancel", "logs"]) {
    expect(await task(verb, "x")).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: no task x (path.id) [not-found]\n",
    });
  }
});
