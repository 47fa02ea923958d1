import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, it } from "@jest/globals";
import { ROOT } from "../../cli/support";
import { type Step, stepsOf } from "../../docs/page";
import type { Tutorial } from "../../docs/tutorial";
import { monitoringImpossible } from "../monitoring/daemons";
import { ServiceProcess } from "../orchestrator/process";
import { describeUnless } from "../stacks/requirements";
import { clone, stepsIn, walk } from "./clone";
import { startIncident } from "./prometheus";

/*
 * Pages as a reader goes through them, all steps in their order: with a Prometheus, an orchestrator, a whole clone. Those with a cluster are
 * in with-cluster.test.ts.
 */

let tutorial: Tutorial;

const commandOf = (step: Step): string => (step.kind === "command" ? step.command : "");

afterEach(() => {
  (tutorial as Tutorial | undefined)?.remove();
});

describeUnless(monitoringImpossible(), "an incident with the runbooks", () => {
  it("is answered by a Prometheus with our rules", async () => {
    const incident = await startIncident();
    try {
      tutorial = clone();
      tutorial.replaced = { "http://127.0.0.1:9090": `http://127.0.0.1:${incident.port}` };
      await walk(tutorial, stepsIn("an-incident-with-the-runbooks"));
    } finally {
      await incident.stop();
    }
  });
});

it("the orchestrator for a team", async () => {
  tutorial = clone();
  const { folder } = tutorial;
  const steps = stepsIn("the-orchestrator-for-a-team");
  // The tokens are made before the service starts.
  const start = steps.findIndex((step) => commandOf(step).includes("noetl-ops task"));
  await walk(tutorial, steps.slice(0, start));
  const args = ["--project", folder, "--data-dir", join(folder, "data"), "--tokens", join(folder, "tokens.yaml")];
  const service = await ServiceProcess.start(args);
  try {
    tutorial.replaced = { "http://127.0.0.1:8080": service.url };
    for (const step of steps.slice(start)) await tutorial.do(step);
  } finally {
    await service.end("SIGTERM");
  }
});

it("the walk through it as data, with its task", async () => {
  tutorial = clone();
  const service = await ServiceProcess.start([
    "--project",
    tutorial.folder,
    "--data-dir",
    join(tutorial.folder, "data"),
  ]);
  try {
    tutorial.replaced = { "http://127.0.0.1:8080": service.url };
    await walk(tutorial, stepsOf("docs/walk.md"));
  } finally {
    await service.end("SIGTERM");
  }
});

it("a component in an hour", async () => {
  tutorial = clone();
  for (const name of readdirSync(ROOT)) {
    if (!/^(\.git|node_modules|rendered|coverage)$/.test(name)) {
      cpSync(join(ROOT, name), join(tutorial.folder, name), { recursive: true });
    }
  }
  // All types are checked by `npm run check`; here, those that the page can break.
  const include = ["components/cache", "stacks", "test/components/cache"];
  writeFileSync(join(tutorial.folder, "tsconfig.page.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
  tutorial.replaced = { "npx tsc --noEmit": "npx tsc --noEmit --project tsconfig.page.json" };

  await walk(tutorial, stepsOf("docs/a-component-in-an-hour.md"));
});
