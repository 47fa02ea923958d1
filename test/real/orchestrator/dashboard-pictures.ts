/**
 * The picture of the dashboard in docs/images: `npm run pictures`. Needs Debian's chromium. A real service with a scripted
 * engine; ids and times are those of the run, everything else is the same each time.
 */
import { join } from "node:path";
import { ROOT } from "../../cli/support";
import { endless, Served } from "../../orchestrator/api/served";
import { Pages } from "../graph/browser";

const CHANGES = [
  [
    "data-at-risk",
    "PersistentVolumeClaim",
    "data-postgres-0",
    "its size is made smaller",
    ["spec.resources.requests.storage"],
  ],
  [
    "rolling-restart",
    "Deployment",
    "noetl-server-rust",
    "its pods are replaced one by one",
    ["spec.template.spec.containers[0].image"],
  ],
  ["config-reload", "ConfigMap", "nats-config", "NATS reads it anew", ["data.nats.conf"]],
  ["create", "ScaledObject", "noetl-worker-gpu-pool", "a new object", []],
] as const;

async function main(): Promise<void> {
  const served = await Served.start();
  const pages = await Pages.start();
  try {
    served.script = async (work, context) => {
      await context.log(
        [
          "rendering stack production",
          ...CHANGES.map(([impact, kind, name, why]) => `${impact} ${kind} ${name}: ${why}`),
        ].map((text) => ({ at: Date.now(), stream: "stdout", text })),
      );
      if (work.operation === "update") {
        await context.progress({ done: 12, total: 31, message: "updating StatefulSet nats" });
        return endless(work, context);
      }
      if (work.operation === "refresh") throw new Error("the cluster does not answer");
      return {
        compared_with: "rendered/production",
        changed: CHANGES.length,
        unchanged: 58,
        impacts: Object.fromEntries(CHANGES.map(([impact]) => [impact, 1])),
        resources: CHANGES.map(([impact, kind, name, reason, fields]) => ({
          ...{ kind, name, impact, reason, namespace: "noetl", fields: [...fields] },
        })),
        findings: [],
      };
    };
    const submit = (body: Record<string, unknown>) => served.submit({ infra: "production", ...body });
    for (let n = 0; n < 24; n++) await submit({ check_mode: true });
    const failed = await submit({ operation: "refresh", retries: 0 });
    while ((await served.task(failed)).status !== "Failed") await new Promise((resolve) => setTimeout(resolve, 50));
    const shown = await submit({ check_mode: true });
    while ((await served.task(shown)).status !== "Completed") await new Promise((resolve) => setTimeout(resolve, 50));
    await submit({ require_approval: true });
    await submit({ operation: "update" });
    const { page } = await pages.visit(`${served.service.url}/#/tasks/${shown}`, served.service.url);
    await page.locator("#panel .log .line").nth(CHANGES.length).waitFor();
    await page.locator("#throughput-chart svg").waitFor();
    await page.locator("#panel .report").waitFor();
    await page.getByText("StatefulSet nats").waitFor();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(ROOT, "docs", "images", "dashboard.png") });
  } finally {
    await pages.stop();
    await served.stop();
  }
}

void main();
