import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { stringify } from "yaml";
import { newToken } from "../../../orchestrator/api/tokens";
import type { Role } from "../../../orchestrator/api/roles";
import { ROOT } from "../../cli/support";
import { browserImpossible, Pages, violations, type Opened } from "../graph/browser";
import { waitFor } from "../support/wait";
import { Front } from "./front";
import { ServiceProcess } from "./process";

const impossible = browserImpossible();

/** What a browser says of an answer that is no success: the page says it, too. */
const REFUSED = "Failed to load resource: ";

const rows = (page: Page): Locator => page.locator("#rows .row");
const row = (page: Page, id: string): Locator => page.locator(`#row-${id}`);
const panel = (page: Page): Locator => page.getByRole("complementary");
const notices = (page: Page): Locator => page.locator("#notices");
const focusedText = (page: Page): Promise<string> => page.evaluate("document.activeElement.textContent");

/** Resolves once a text stands in an element. */
async function says(place: Locator, text: string | RegExp): Promise<void> {
  await place.filter({ hasText: text }).first().waitFor({ timeout: 120_000 });
}

/** Resolves once nothing is wrong any more. */
async function calm(page: Page): Promise<void> {
  await waitFor("no notice", async () => ((await notices(page).textContent()) === "" ? true : undefined));
}

/** Goes on with Tab until the keyboard is at a button. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 30; step++) {
    if ((await focusedText(page)) === name) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${name}`);
}

(impossible === undefined ? describe : describe.skip)(
  `the dashboard in Chromium${impossible === undefined ? "" : ` (${impossible})`}`,
  () => {
    let pages: Pages;
    let folder: string;
    let front: Front;
    let service: ServiceProcess;
    let guarded: ServiceProcess;
    const tokens = {} as Record<Role, string>;
    let opened: Opened | undefined;
    const stops: (() => Promise<unknown>)[] = [];

    const start = () => ServiceProcess.start(["--data-dir", join(folder, "data"), "--project", folder]);

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "noetl-dashboard-"));
      // Beside it there is no render: all of its resources would be created.
      copyFileSync(join(ROOT, "Pulumi.kind.yaml"), join(folder, "Pulumi.kind.yaml"));
      const made = (["viewer", "operator", "approver"] as const).map((role) => newToken(role, role));
      for (const { token, entry } of made) tokens[entry.role] = token;
      const file = join(folder, "tokens.yaml");
      writeFileSync(file, stringify({ tokens: made.map(({ entry }) => entry) }));
      const others = ["--data-dir", join(folder, "guarded"), "--project", folder, "--tokens", file];
      // One after the other: what was started is ended even if the next one cannot be.
      pages = await Pages.start();
      stops.push(() => pages.stop());
      front = await Front.start();
      stops.push(() => front.stop());
      service = await start();
      stops.push(async () => {
        expect(await service.end("SIGTERM")).toEqual([0, null]);
      });
      guarded = await ServiceProcess.start(others);
      stops.push(async () => {
        expect(await guarded.end("SIGTERM")).toEqual([0, null]);
      });
      front.lead(service.url);
    });

    afterEach(async () => {
      // Whatever a test did: nothing was asked elsewhere, and nothing in the page complained but of refusals.
      const complaints = opened?.complaints.filter((text) => !text.startsWith(REFUSED));
      expect({ complaints, requests: opened?.requests }).toEqual({ complaints: [], requests: [] });
      await opened?.page.close();
      opened = undefined;
    });

    afterAll(async () => {
      for (const stop of stops) await stop();
      rmSync(folder, { recursive: true });
    });

    const open = async (hash = "", colorScheme: "light" | "dark" = "light"): Promise<Page> => {
      opened = await pages.visit(`${front.url}/${hash}`, front.url, { colorScheme });
      return opened.page;
    };
    const asked = async (method: string, path: string, role: Role, body?: unknown): Promise<string> => {
      const response = await fetch(guarded.url + path, {
        method,
        headers: { authorization: `Bearer ${tokens[role]}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return ((await response.json()) as { data: string }).data;
    };

    test("given a task, lists it as it moves, and shows its steps, impact and growing log", async () => {
      const page = await open();
      await says(page.locator("#live"), /^live$/);
      const id = await service.submit({ infra: "kind", check_mode: true });
      await row(page, id).click();
      const log = panel(page).getByRole("region", { name: "Log" });
      await says(log, "rendering stack kind");
      await says(log, /\d+ resources would change/);
      await says(row(page, id).locator(".status"), "Completed");
      await says(panel(page), "Completed");
      expect(await panel(page).locator(".steps .mark + span").allTextContents()).toEqual([
        " Submitted",
        " Running",
        " Completed",
      ]);
      await says(panel(page), /\d+ resources of \d+ would change, compared with nothing/);
      expect(await panel(page).locator(".legend").textContent()).toMatch(/^\+ \d+ created$/);
      expect(await panel(page).locator(".report > li").first().textContent()).toMatch(/^\+ \S+ \S+ created: /);
      expect(page.url()).toBe(`${front.url}/#/tasks/${id}`);
      await says(page.locator("#throughput-chart-said"), /[1-9]\d* completed, /);
      await page.locator("#throughput-chart .fresh-bar").waitFor({ timeout: 120_000 });
    });

    test("given a keyboard alone, finds a task, approves, retries and rejects, and is back in the list", async () => {
      const page = await open();
      const { keyboard } = page;
      const id = await service.submit({ infra: "kind", require_approval: true });
      await says(row(page, id), "Needs approval");
      // What it waits for first has to be completed, or its own state may still change under the keyboard.
      const { depends_on: depends } = (await service.ask("GET", `/tasks/${id}`)).data as { depends_on: string[] };
      for (const before of depends) await service.ended(before);
      await keyboard.press("/");
      await keyboard.type(id);
      await waitFor("the one task that is found", async () => ((await rows(page).count()) === 1 ? true : undefined));
      await keyboard.press("ArrowDown");
      // What a key did is drawn with the next frame.
      await page.locator(`#grid[aria-activedescendant="row-${id}"]`).waitFor({ timeout: 120_000 });
      await keyboard.press("Enter");
      await says(panel(page), "Approve");
      await waitFor("its title to have the focus", async () =>
        (await focusedText(page)) === "create cluster of kind" ? true : undefined,
      );
      await tabTo(page, "Approve");
      await keyboard.press("Enter");
      const why = "<img src=x onerror=alert(1)> it is due";
      await keyboard.type(why);
      await keyboard.press("Enter");
      await says(panel(page), `by local: ${why}`);
      // The offline engine changes nothing.
      await says(panel(page), "(engine-offline)");
      await tabTo(page, "Retry");
      await keyboard.press("Enter");
      await keyboard.type("once more");
      await keyboard.press("Enter");
      await says(panel(page).locator(".steps"), "by local: once more");
      await keyboard.press("Escape");
      await panel(page).waitFor({ state: "hidden", timeout: 120_000 });
      await page.locator("#grid:focus").waitFor({ timeout: 120_000 });
    });

    test("given a task that waits, cancels it by keyboard once that is confirmed; Escape leaves it", async () => {
      // Nothing begins before that time.
      const id = await service.submit({ infra: "kind", check_mode: true, not_before: "2100-01-01T00:00:00Z" });
      const page = await open(`#/tasks/${id}`);
      const { keyboard } = page;
      await says(panel(page), "Cancel task");
      await tabTo(page, "Cancel task");
      await keyboard.press("Enter");
      await says(page.getByRole("dialog"), "Cancel task: preview cluster of kind?");
      await keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      expect((await service.ask("GET", `/tasks/${id}`)).data).toMatchObject({ status: "Pending" });
      await tabTo(page, "Cancel task");
      await keyboard.press("Enter");
      await keyboard.press("Enter");
      await says(panel(page).locator(".steps"), "Cancelled");
      await says(row(page, id).locator(".status"), "Cancelled");
    });

    test("given filters, lists what is like that, and says when nothing is", async () => {
      const page = await open();
      await rows(page).first().waitFor();
      await page.getByRole("combobox", { name: "Status" }).selectOption("Cancelled");
      await waitFor("nothing else", async () => {
        const shown = new Set(await rows(page).locator(".status").allTextContents());
        return shown.size === 1 && shown.has("– Cancelled") ? true : undefined;
      });
      await page.getByRole("combobox", { name: "Operation" }).selectOption("destroy");
      await says(page.locator("#empty"), "No task is like that.");
    });

    test("given tokens, asks for one, keeps it in its tab only, and shows each role what it may do", async () => {
      const id = await asked("POST", "/workflows/cluster/create", "operator", {
        infra: "kind",
        require_approval: true,
      });
      opened = await pages.visit(`${guarded.url}/#/tasks/${id}`, guarded.url);
      const { page } = opened;
      const buttons = () => panel(page).locator(".actions button").allTextContents();
      const enter = async (token: string) => {
        await page.getByLabel("Token").fill(token);
        await page.getByRole("button", { name: "Sign in" }).click();
      };
      await enter(newToken("nobody", "admin").token);
      await says(page.locator("#sign-in-why"), "This token is not known.");
      expect(await violations(page)).toEqual([]);

      await enter(tokens.viewer);
      await says(page.locator("#who"), "viewer (viewer)");
      await says(panel(page), "Needs approval");
      expect(await buttons()).toEqual([]);
      expect(await page.evaluate("[localStorage.length, document.cookie, Object.values(sessionStorage)]")).toEqual([
        0,
        "",
        [tokens.viewer],
      ]);
      expect(await page.content()).not.toContain(tokens.viewer);
      await page.reload();
      await says(page.locator("#who"), "viewer (viewer)");

      for (const [role, allowed] of [
        ["operator", ["Cancel task"]],
        ["approver", ["Approve", "Reject"]],
      ] as const) {
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.getByLabel("Token").waitFor();
        expect(await page.evaluate("sessionStorage.length")).toBe(0);
        await enter(tokens[role]);
        await says(page.locator("#who"), `${role} (${role})`);
        await says(panel(page), "Needs approval");
        expect(await buttons()).toEqual(allowed);
      }
      await page.getByRole("button", { name: "Reject" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
      await says(panel(page).locator(".steps"), "Cancelled");
    });

    test.each([
      ["light", "rgb(246, 247, 249)"],
      ["dark", "rgb(14, 19, 26)"],
    ] as const)("given %s mode, has its colours, and axe-core finds nothing", async (mode, colour) => {
      // The offline engine changes nothing.
      const failed = await service.submit({ infra: "kind" });
      await service.ended(failed);
      const page = await open("", mode);
      await rows(page).first().waitFor();
      expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(colour);
      expect(await violations(page)).toEqual([]);
      await row(page, failed).click();
      await says(panel(page), "(engine-offline)");
      expect(await violations(page)).toEqual([]);
      await panel(page).getByRole("button", { name: "Retry" }).click();
      await page.getByRole("dialog").waitFor();
      expect(await violations(page)).toEqual([]);
    });

    test("given a service that is gone and comes back, says so, goes on, and shows what it missed", async () => {
      const page = await open();
      await says(page.locator("#live"), /^live$/);
      front.lead(undefined);
      expect(await service.end("SIGTERM")).toEqual([0, null]);
      await says(page.locator("#live"), "not live");
      await says(notices(page), "Trying again …");
      service = await start();
      const id = await service.submit({ infra: "kind", check_mode: true });
      front.lead(service.url);
      await says(page.locator("#live"), /^live$/);
      await says(row(page, id).locator(".status"), "Completed");
      await calm(page);
    });

    test("given an API that is slow, fails, or answers nonsense, says what is wrong, and can be asked again", async () => {
      const page = await open();
      await rows(page).first().waitFor();
      let answer: (() => void) | undefined;
      await page.route(/\/tasks\?/, async (route) => {
        await new Promise<void>((resolve) => (answer = resolve));
        await route.fulfill({
          status: 500,
          json: { success: false, data: null, error: { code: "internal", message: "the service has a bug" } },
        });
      });
      await page.getByRole("combobox", { name: "Status" }).selectOption("Failed");
      await says(notices(page), "The service takes long to answer.");
      answer?.();
      await says(notices(page), "Tasks cannot be shown. the service has a bug");
      expect(await notices(page).textContent()).not.toContain("takes long");
      await page.unroute(/\/tasks\?/);
      await page.route(/\/tasks\?/, (route) => route.fulfill({ status: 502, body: "<h1>Bad gateway</h1>" }));
      await page.getByRole("button", { name: "Try again" }).click();
      await says(notices(page), "Tasks cannot be shown. What answers is no orchestrator: status 502.");
      await page.unroute(/\/tasks\?/);
      await page.getByRole("button", { name: "Try again" }).click();
      await calm(page);
      await says(rows(page).first(), "Failed");
      await page.route(/\/tasks\?/, (route) =>
        route.fulfill({ json: { success: true, data: [], error: null, cursor: null } }),
      );
      await page.reload();
      await says(page.locator("#empty"), "There are no tasks yet.");
    });

    test("given 10,000 tasks, shows them at once, makes few rows, and has them all when they are scrolled to", async () => {
      await service.ask("POST", "/queue/pause", { scope: { all: true } });
      const tasks = Array.from({ length: 1000 }, () => ({ workflow: "cluster", infra: "kind", check_mode: true }));
      for (let batch = 0; batch < 10; batch++) await service.ask("POST", "/tasks/batch", { tasks });
      const page = await open();
      await rows(page).first().waitFor();
      await says(page.locator("#count"), /^\d\d,\d\d\d tasks$/);
      const most = await waitFor("the end of the list", async () => {
        await page.evaluate("grid.scrollTop = grid.scrollHeight");
        const [last, all] = await page.evaluate<[string, string]>(
          "[document.querySelector('#rows .row:last-child').ariaRowIndex, grid.ariaRowCount]",
        );
        return last === all ? Number(all) : undefined;
      });
      expect(most).toBeGreaterThan(10_000);
      // The first that was ever submitted.
      await says(rows(page).last().locator(".status"), "Completed");
      expect(await rows(page).count()).toBeLessThan(80);
      await page.locator("#grid").focus();
      await page.keyboard.press("Home");
      await says(rows(page).first().locator(".status"), "Pending");
      expect(await rows(page).count()).toBeLessThan(80);
    });
  },
);
