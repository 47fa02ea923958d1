import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { isAlive, markOf, type ProcessMark } from "../../operations/processes";

const self = markOf(process.pid);
const [boot = ""] = self.started.split("/");

test("this process is alive", () => {
  expect(isAlive(self)).toBe(true);
});

test("one that has ended is not alive", async () => {
  const child = spawn("sleep", ["600"]);
  await once(child, "spawn");
  const mark = markOf(child.pid ?? 0);
  expect(isAlive(mark)).toBe(true);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  expect(isAlive(mark)).toBe(false);
});

test.each<[string, ProcessMark, boolean | undefined]>([
  ["whose number another has by now", { ...self, started: `${boot}/1` }, false],
  ["of another machine", { ...self, host: "elsewhere" }, undefined],
  ["from before this machine started again", { ...self, started: "before/1", machine: "m" }, undefined],
  ["of another container of the same name", { ...self, namespace: "pid:[1]" }, undefined],
])("a process %s", (_, mark, alive) => {
  expect(isAlive(mark)).toBe(alive);
});

test("after a start of the same machine none of its processes is alive", () => {
  const { machine } = self;
  // Not every container knows its machine.
  const expected = machine === undefined ? undefined : false;
  expect(isAlive({ ...self, started: "before/1" })).toBe(expected);
});
