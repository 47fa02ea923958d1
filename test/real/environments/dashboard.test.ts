import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { browserImpossible, Pages, violations, type Opened } from "../graph/browser";
import { DockerEngine } from "./engine";
import { IMAGE, makeRedis, missingPrograms } from "./images";
import { Place } from "./place";

/** What a browser says of an environment that is gone: the page says it, too. */
const REFUSED = "Failed to load resource: ";
const NOTHING = { containers: [], networks: [], volumes: [] };

const missing = browserImpossible() ?? missingPrograms();
const engine = missing ?? DockerEngine.start();
const impossible = typeof engine === "string" ? engine : undefined;
if (impossible !== undefined) console.warn(`skipped: environments in the dashboard: ${impossible}`);

(impossible === undefined ? describe : describe.skip)(
  `environments in the dashboard${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    const docker = engine as DockerEngine;
    let place: Place;
    let pages: Pages;
    let opened: Opened | undefined;

    beforeAll(async () => {
      await makeRedis(docker.docker);
      place = await Place.start(docker);
      pages = await Pages.start();
    });

    afterAll(async () => {
      await pages.stop();
      await place.stop();
      await docker.stop();
    });

    afterEach(async () => {
      expect(opened?.complaints.filter((text) => !text.startsWith(REFUSED))).toEqual([]);
      await opened?.page.close();
      opened = undefined;
      await place.removeAll();
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    const open = async (hash: string, colorScheme: "light" | "dark" = "light"): Promise<Page> => {
      const { url } = place.service;
      opened = await pages.visit(`${url}/${hash}`, url, { colorScheme });
      return opened.page;
    };
    const made = async (): Promise<string> => {
      const { data, error } = await place.create({ type: "single_taskserv", taskserv: "redis" }, { name: "cache" });
      expect(error).toBeNull();
      return data.id;
    };
    const panel = (page: Page): Locator => page.getByRole("complementary");
    const says = (at: Locator, text: string | RegExp) => at.filter({ hasText: text }).first().waitFor();

    test("given one, it is listed; chosen, its containers are shown, and its log goes on by itself", async () => {
      const id = await made();
      const page = await open("#/environments");
      await page.getByRole("button", { name: "cache" }).click();
      const containers = panel(page).getByRole("region", { name: "Containers" });
      await says(containers, IMAGE.redis);
      expect(await containers.locator("tbody tr").count()).toBe(1);
      expect(await containers.locator("tbody tr").first().textContent()).toMatch(/running.*redis.*10\.\d+\.\d+\.\d+/);
      await says(panel(page).locator(".log"), "Ready to accept connections");
      await place.script(id, "echo it prints this later > /proc/1/fd/1");
      await says(panel(page).locator(".log"), "it prints this later");
      expect(new URL(page.url()).hash).toBe(`#/environments/${id}`);
    });

    test.each(["light", "dark"] as const)(
      "given one whose tests failed, nothing keeps people from reading it in %s",
      async (scheme) => {
        const id = await made();
        await place.run(id, { script: "echo no such thing; exit 3" });
        const page = await open(`#/environments/${id}`, scheme);
        const tests = panel(page).getByRole("region", { name: "Tests" });
        await says(tests, "it ended with 3");
        expect(await violations(page)).toEqual([]);
      },
    );

    test("its tests are run, and it is deleted, by the keyboard alone, once that is confirmed", async () => {
      const id = await made();
      const page = await open(`#/environments/${id}`);
      const press = async (name: string) => {
        await page.getByRole("button", { name, exact: true }).first().focus();
        await page.keyboard.press("Enter");
        const dialog = page.getByRole("dialog");
        await says(dialog, `${name}: ${id}?`);
        await dialog.getByRole("button", { name }).focus();
        await page.keyboard.press("Enter");
      };
      await press("Run tests");
      await says(panel(page).getByRole("region", { name: "Tests" }), "redis keeps a key");
      await says(panel(page).getByRole("region", { name: "Tests" }), "passed");
      await press("Delete");
      await says(page.locator("#environment-list"), "There are no test environments.");
      await panel(page).waitFor({ state: "hidden" });
      expect(await page.locator("#notices").textContent()).toBe("");
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    test("given one that cannot be made, it says why", async () => {
      const { data } = await place.create(
        { type: "single_taskserv", taskserv: "hog", resources: { memory_mb: 32 } },
        { images: { hog: "noetl.test/none:1" } },
      );
      const page = await open(`#/environments/${data.id}`);
      await says(panel(page), "and --offline forbids to pull it: load it there with docker load (image-missing)");
      await says(panel(page), "There are none.");
    });
  },
);
