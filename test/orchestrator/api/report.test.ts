import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { PermanentError } from "../../../orchestrator/tasks/errors";
import { Served, type Script } from "./served";

const CANARY = "canary-4711";
const IMPACT = {
  engine: "pulumi",
  compared_with: "the state",
  changed: 1,
  unchanged: 3,
  impacts: { "rolling-restart": 1 },
  resources: [
    {
      urn: "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats",
      kind: "StatefulSet",
      namespace: "nats",
      name: "nats",
      impact: "rolling-restart",
      reason: "the pod template changes",
      fields: ["spec.template"],
    },
  ],
  findings: [{ rule: "data-safety", severity: "error", message: "a volume goes" }],
};

let served: Served;

beforeEach(async () => {
  served = await Served.start();
});

afterEach(async () => {
  await served.stop();
});

/** Says two steps, and what is between them; then ends in some way. */
function script(end: () => ReturnType<Script>): Script {
  return async (_work, context) => {
    await context.log([
      { at: 1000, stream: "event", text: "opening stack kind" },
      { at: 1500, stream: "stdout", text: "update nats" },
      { at: 2000, stream: "event", text: "update of the whole stack" },
    ]);
    await context.progress({ done: 1, total: 4, message: "update nats" });
    return end();
  };
}

async function report(): Promise<unknown> {
  const id = await served.submit({ operation: "update", wait: true, retries: 0 });
  const { json } = await served.ask("GET", `/tasks/${id}/report`);
  expect(json).toMatchObject({ success: true, data: { task: id }, error: null });
  return json.data;
}

test("a report has the steps, and the impact of each change", async () => {
  served.script = script(() => Promise.resolve(IMPACT));

  expect(await report()).toMatchObject({
    status: "Completed",
    steps: [
      {
        name: "opening stack kind",
        status: "Completed",
        started_at: "1970-01-01T00:00:01.000Z",
        completed_at: "1970-01-01T00:00:02.000Z",
      },
      { name: "update of the whole stack", status: "Completed", started_at: "1970-01-01T00:00:02.000Z" },
    ],
    impact: IMPACT,
  });
});

test("it leaves out what its schema does not know", async () => {
  const [resource] = IMPACT.resources;
  const resources = [{ ...resource, inputs: { password: CANARY } }];
  served.script = script(() => Promise.resolve({ ...IMPACT, resources, outputs: { password: CANARY } } as never));

  const told = await report();

  expect(told).toMatchObject({ impact: IMPACT });
  expect(JSON.stringify(told)).not.toContain(CANARY);
});

test("a task that failed did so at its last step, and has no impact", async () => {
  served.script = script(() => Promise.reject(new PermanentError("pulumi-failed", "no quota")));

  expect(await report()).toMatchObject({
    status: "Failed",
    steps: [{ status: "Completed" }, { status: "Failed" }],
    impact: null,
  });
});

test("a task that there is not has none", async () => {
  expect((await served.ask("GET", "/tasks/nobody/report")).status).toBe(404);
});
