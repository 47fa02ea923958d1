import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, it } from "@jest/globals";
import { platformRules } from "../../../components/monitoring/groups";
import { ROOT } from "../../cli/support";
import { LEAST } from "../../components/monitoring/facts";
import { type Step, stepsOf } from "../../docs/page";
import { Tutorial } from "../../docs/tutorial";
import { startPrometheus, monitoringImpossible } from "../monitoring/daemons";
import { Exporter } from "../monitoring/exporter";
import { faster } from "../monitoring/faster";
import { ServiceProcess } from "../orchestrator/process";
import { describeUnless } from "../stacks/requirements";
import { startSupervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";

/*
 * Pages as a reader goes through them, all steps in their order: with a Prometheus, an orchestrator, a whole clone. Steps that
 * need a cluster are done by no test yet.
 */

/** As stack kind has it. */
const POOL = {
  stream: "NOETL_COMMANDS",
  consumer: "noetl_worker_pool_shared",
  steady: true,
  scaling: { maxReplicas: 20, lagThreshold: 10 },
};
/** The program, and what `noetl-ops` is made of. */
const TOOLS = [
  ...["index.ts", "bundle.cjs", "package.json", "package-lock.json", "stacks", "components"],
  ...["index.cjs", "cli", "preview", "operations", "orchestrator"],
];

const stepsIn = (name: string): Step[] => stepsOf(`docs/tutorials/${name}.md`);
const commandOf = (step: Step): string => (step.kind === "command" ? step.command : "");

let tutorial: Tutorial;

/** A whole clone, in which `npm ci` has been done. */
function clone(env: Record<string, string> = {}): Tutorial {
  const made = new Tutorial(env);
  for (const source of TOOLS) cpSync(join(ROOT, source), join(made.folder, source), { recursive: true });
  const [installed, modules] = [join(ROOT, "node_modules"), join(made.folder, "node_modules")];
  mkdirSync(modules);
  for (const name of readdirSync(installed)) {
    if (name === ".bin" || !name.startsWith(".")) symlinkSync(join(installed, name), join(modules, name));
  }
  writeFileSync(join(made.folder, ".gitignore"), "node_modules\n");
  return made;
}

async function walk(steps: readonly Step[]): Promise<void> {
  await tutorial.commit();
  for (const step of steps) await tutorial.do(step);
}

afterEach(() => {
  (tutorial as Tutorial | undefined)?.remove();
});

describeUnless(monitoringImpossible(), "an incident with the runbooks", () => {
  it("is answered by a Prometheus with our rules", async () => {
    const supervisor = await startSupervisor("noetl-tutorial-");
    const exporter = await Exporter.start();
    try {
      const pool = '{stream="NOETL_COMMANDS",consumer="noetl_worker_pool_shared"}';
      exporter.plays.set("/noetl-workers", {
        [`noetl_worker_nats_consumer_pending${pool}`]: 640,
        [`noetl_worker_nats_consumer_ack_pending${pool}`]: 20,
      });
      exporter.plays.set("/noetl-server", { 'noetl_execute_outcomes_total{entry="api",outcome="accepted"}': 4 });
      const groups = faster(platformRules({ ...LEAST, pools: [POOL] }), 600);
      const target = (job: string, pod: string) => ({
        job: `${job}-${pod}`,
        address: exporter.address,
        path: `/${job}`,
        labels: { job, pod, namespace: "noetl" },
      });
      const pods = Array.from({ length: 20 }, (_, index) => target("noetl-workers", `worker-${index}`));
      const targets = [...pods, target("noetl-server", "server")];
      const { url } = await startPrometheus(supervisor, { groups, targets });
      await waitFor("the alert to fire", async () => {
        const query = encodeURIComponent('ALERTS{alertname="WorkerPoolAtMaximum",alertstate="firing"}');
        const answer = await fetch(`${url}/api/v1/query?query=${query}`);
        return (await answer.text()).includes("firing") ? true : undefined;
      });
      tutorial = clone();
      tutorial.replaced = { "http://127.0.0.1:9090": url };

      await walk(stepsIn("an-incident-with-the-runbooks"));
    } finally {
      exporter.stop();
      await supervisor.stop();
    }
  });
});

it("the orchestrator for a team", async () => {
  tutorial = clone();
  const { folder } = tutorial;
  const steps = stepsIn("the-orchestrator-for-a-team");
  // The tokens are made before the service starts.
  const start = steps.findIndex((step) => commandOf(step).includes("noetl-ops task"));
  await walk(steps.slice(0, start));
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
    await walk(stepsOf("docs/walk.md"));
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

  await walk(stepsOf("docs/a-component-in-an-hour.md"));
});
