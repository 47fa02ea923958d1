/**
 * The picture of an environment in docs/images: `npm run pictures`. Needs Debian's chromium and Docker, and etcd. Ids and
 * times are those of the run.
 */
import { join } from "node:path";
import { ensureTool } from "../../../tools/find";
import { ROOT } from "../../cli/support";
import { Pages } from "../graph/browser";
import { DockerEngine } from "./engine";
import { makeEtcd, makeRedis, missingPrograms } from "./images";
import { Place } from "./place";

async function main(): Promise<void> {
  const engine = missingPrograms() ?? DockerEngine.start();
  if (typeof engine === "string") throw new Error(engine);
  const etcd = await ensureTool("etcd");
  if (!etcd.found) throw new Error(etcd.reason);
  await makeEtcd(engine.docker, etcd.path);
  await makeRedis(engine.docker);
  const place = await Place.start(engine);
  const pages = await Pages.start();
  try {
    await place.create({ type: "single_taskserv", taskserv: "redis" }, { name: "cache-of-the-week" });
    const template = { type: "cluster_topology", template: "etcd_cluster" };
    const { data } = await place.create(template, { name: "etcd-upgrade", infra: "production" });
    await place.run(data.id);
    const { url } = place.service;
    const { page } = await pages.visit(`${url}/#/environments/${data.id}`, url);
    await page.getByRole("region", { name: "Tests" }).waitFor();
    await page.locator("#panel .log .line").nth(10).waitFor();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(ROOT, "docs", "images", "dashboard-environment.png") });
  } finally {
    await pages.stop();
    await place.stop();
    await engine.stop();
  }
}

void main();
