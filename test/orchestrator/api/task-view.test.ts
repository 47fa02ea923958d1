import { expect, test } from "@jest/globals";
import { viewOf } from "../../../orchestrator/api/task-view";
import { moved } from "../../../orchestrator/tasks/moved";
import { newTask } from "../made";

const BY = { at: 2000, by: "worker", why: "" };
const RUNNING = moved(newTask("a"), "running", BY, { startedAt: 2000, attempts: 1 });
const COMPLETED = moved(RUNNING, "completed", BY, { endedAt: 3000, result: { done: true } });

test("an end that a crash could still undo is not told", () => {
  expect(viewOf(COMPLETED, true)).toMatchObject({ status: "Completed", result: { done: true } });
  expect(viewOf(COMPLETED, false)).toEqual(viewOf(RUNNING, true));
});

test("the script of a run in a test environment is not shown: it may hold secrets", () => {
  const input = { environment: "env-1", script: "psql postgres://…", node: "cp-01" };
  const { input: shown } = viewOf(newTask("a", { kind: "test_environment", operation: "test", input }), true);
  expect(shown).toEqual({ environment: "env-1", script: "[secret]", node: "cp-01" });
  expect(viewOf(newTask("a", { input }), true).input).toEqual(input);
});

test("what has not ended is told at once", () => {
  expect(viewOf(RUNNING, false)).toEqual(viewOf(RUNNING, true));
  expect(viewOf(newTask("a"), false)).toMatchObject({ status: "Pending" });
});
