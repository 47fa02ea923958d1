/**
 * First paint of the dashboard with 10,000 tasks: `npm run bench:dashboard`. Needs Debian's chromium. Each round is a page of
 * its own, without a cache. Target: under a second.
 *
 * 1. First paint: the page stands there. 2. Newest tasks: the answer that the list is drawn from has arrived.
 */
import { Served } from "../test/orchestrator/api/served";
import { Pages } from "../test/real/graph/browser";
import { median } from "./measure";

const ROUNDS = 9;
const TASKS = 10_000;

async function main(): Promise<void> {
  const served = await Served.start({ queue: { concurrency: { total: 50, kinds: {} } } });
  // As large as a result can be.
  const resources = Array.from({ length: 200 }, (_, n) => ({
    ...{
      kind: "Deployment",
      namespace: "noetl",
      name: `worker-${n}`,
      impact: "rolling-restart",
      reason: "a new image",
    },
    fields: ["spec.template.spec.containers[0].image"],
  }));
  served.script = () => Promise.resolve({ resources, changed: 200, unchanged: 0, impacts: { "rolling-restart": 200 } });
  const pages = await Pages.start();
  try {
    const tasks = Array.from({ length: 1000 }, () => ({ workflow: "cluster", infra: "kind", check_mode: true }));
    for (let batch = 0; batch < TASKS / 1000; batch++) await served.ask("POST", "/tasks/batch", { tasks });
    for (;;) {
      const { json } = await served.ask("GET", "/health");
      if ((json.data as { tasks: Record<string, number> }).tasks.Completed === TASKS) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const found: [paint: number, task: number][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { page } = await pages.visit(`${served.service.url}/`, served.service.url);
      await page.locator("#rows .row").first().waitFor();
      found.push(
        await page.evaluate<[number, number]>(
          `[performance.getEntriesByName("first-contentful-paint")[0].startTime,
            performance.getEntriesByType("resource").find(({ name }) => name.includes("/tasks?")).responseEnd]`,
        ),
      );
      await page.close();
    }
    for (const [index, title] of ["first paint", "newest tasks arrived"].entries()) {
      const all = found.map((figures) => figures[index] ?? NaN);
      const [middle, most] = [median(all), Math.max(...all)].map((ms) => Math.round(ms));
      console.log(`${title.padEnd(24)} ${String(middle).padStart(6)} ms, at most ${most} ms`);
    }
    console.log(`Node ${process.version}, ${TASKS.toLocaleString("en")} tasks, median of ${ROUNDS}`);
  } finally {
    await pages.stop();
    await served.stop();
  }
}

void main();
