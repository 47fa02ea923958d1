import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../../preview/graph";
import { impactBetween, type ImpactReport } from "../../../preview/impact";
import { loadPlatform } from "../../../preview/load-platform";
import { graphPage } from "../../../preview/map";
import { large } from "../../preview/map/support";
import { component, configMap, graph } from "../../preview/support";
import { browserImpossible, Pages, violations, type Opened } from "./browser";

const impossible = browserImpossible();
const ROOT = join(__dirname, "..", "..", "..");

/** What the outline shows now. */
const outline = ({ page }: Opened): Promise<string[]> =>
  page.locator("[role=treeitem]:visible .name").allTextContents();
const focused = ({ page }: Opened): Promise<string> =>
  page.evaluate("document.activeElement.querySelector?.('.name')?.textContent ?? document.activeElement.textContent");
const hasFocus = ({ page }: Opened, selector: string): Promise<boolean> =>
  page.evaluate(`document.activeElement === document.querySelector(${JSON.stringify(selector)})`);
const styled = ({ page }: Opened, selector: string, property: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).${property}`);

(impossible === undefined ? describe : describe.skip)(
  `a page of noetl-ops graph in Chromium${impossible === undefined ? "" : ` (${impossible})`}`,
  () => {
    let pages: Pages;
    let kind: ResourceGraph;
    let html: string;
    let opened: Opened | undefined;

    beforeAll(async () => {
      [pages, { graph: kind }] = await Promise.all([Pages.start(), loadPlatform(join(ROOT, "Pulumi.kind.yaml"))]);
      html = graphPage(kind);
    });
    afterAll(async () => {
      await pages.stop();
    });
    afterEach(async () => {
      // Whatever a test did: nothing left the page, and nothing in it complained.
      expect({ complaints: opened?.complaints, requests: opened?.requests }).toEqual({ complaints: [], requests: [] });
      await opened?.page.close();
      opened = undefined;
    });
    const open = async (...args: Parameters<Pages["open"]>): Promise<Opened> => (opened = await pages.open(...args));

    /** The platform with a Service less and a longer-lived ConfigMap, as before a change. */
    const change = (): ImpactReport => {
      const former = structuredClone(kind);
      former.resources = former.resources.filter(({ name }) => name !== "noetl-gateway-ext");
      const [config] = former.resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMap");
      if (config) config.inputs.data = { other: "1" };
      return impactBetween(former, kind, { stack: "kind", before: "main", after: "the working tree" });
    };

    test("given a word, finds it in names and manifests, says how much, and Escape gives all back", async () => {
      const view = await open(html);
      const before = await outline(view);
      await view.page.keyboard.press("/");
      await view.page.keyboard.type("statefulset postgres");
      expect(await outline(view)).toEqual(["postgres", "postgres"]);
      expect(await view.page.locator("#found").textContent()).toMatch(/^1 of \d+ found$/);
      await view.page.keyboard.type(" nowhere");
      expect(await view.page.locator("#found").textContent()).toBe("nothing found");
      await view.page.keyboard.press("Escape");
      expect(await outline(view)).toEqual(before);
    });

    test("given a click in the picture, shows the manifest, marks what it needs, and links lead on", async () => {
      const view = await open(html);
      await view.page
        .locator("svg text.name", { hasText: /^noetl-server-rust$/ })
        .first()
        .click();
      const panel = view.page.getByRole("complementary", { name: "noetl-server-rust" });
      expect(await panel.getByRole("region", { name: "Manifest" }).textContent()).toMatch(
        /^apiVersion: apps\/v1\nkind: Deployment\n/,
      );
      expect(await view.page.locator("svg .self").textContent()).toBe(
        "Deployment noetl-server-rustnoetl-server-rustDeployment",
      );
      expect(await view.page.locator("svg .related").count()).toBeGreaterThan(4);
      await panel.getByRole("button", { name: "Secret noetl-secret" }).click();
      const secret = view.page.getByRole("complementary", { name: "noetl-secret" });
      expect(await secret.getByRole("region", { name: "Manifest" }).textContent()).toContain("<secret>");
      await secret.getByRole("button", { name: "Close" }).click();
      expect(await view.page.locator("#panel").isVisible()).toBe(false);
    });

    test("given a mouse over something, marks it and what belongs to it, and no more when it leaves", async () => {
      const view = await open(html);
      await view.page.locator("svg text.name", { hasText: /^noetl-secret$/ }).hover();
      expect(await view.page.locator("svg .self").textContent()).toContain("noetl-secret");
      expect(await view.page.locator("svg .arrow.strong").count()).toBe(2);
      await view.page.locator("h1").hover();
      expect(await view.page.locator("svg .self").count()).toBe(0);
    });

    test("given a keyboard alone, goes through the outline, opens, closes, and is back where it was", async () => {
      const view = await open(html);
      const { keyboard } = view.page;
      const steps = async (...keys: string[]): Promise<string> => {
        for (const key of keys) await keyboard.press(key);
        return focused(view);
      };
      // The search field comes first, then the outline.
      await steps("Tab", "Tab");
      expect(await focused(view)).toBe("namespaces");
      expect(await steps("ArrowRight", "ArrowDown")).toBe("keda");
      expect(await styled(view, "#t1", "outlineStyle")).toBe("solid");
      expect(await steps("Enter")).toBe("keda");
      expect(await hasFocus(view, "#panel h2")).toBe(true);
      expect(view.page.url()).toMatch(/#cluster\/namespace-keda$/);
      expect(await steps("Escape")).toBe("keda");
      expect(await hasFocus(view, "#t1")).toBe(true);
      expect(await steps("ArrowLeft")).toBe("namespaces");
      expect(await steps("ArrowLeft", "ArrowDown")).toBe("network");
      expect(await steps("End")).toBe("noetl-worker-system-pool");
      expect(await steps("Home")).toBe("namespaces");
    });

    test("given an address with a resource, opens it", async () => {
      const view = await open(html, { hash: "#nats/statefulset-nats" });
      expect(await view.page.locator("#panel h2").textContent()).toBe("nats");
      expect(await focused(view)).toBe("nats");
    });

    test.each(["light", "dark"] as const)(
      "given %s mode, has its colours, and axe-core finds nothing",
      async (mode) => {
        const report = change();
        const view = await open(graphPage(kind, report), {
          colorScheme: mode,
          hash: "#noetl/service-noetl-gateway-ext",
        });
        expect(await styled(view, "body", "backgroundColor")).toBe(
          mode === "light" ? "rgb(246, 247, 249)" : "rgb(14, 19, 26)",
        );
        expect(await view.page.locator("#panel").textContent()).toContain("+ created: a new object");
        expect(await view.page.locator(".legend li").allTextContents()).toContain("+ 1 created");
        expect(await violations(view.page)).toEqual([]);
      },
    );

    test("given names and values that would be markup, shows them as text", async () => {
      const evil = `</script></title><img src=x onerror=alert(1)>`;
      const shown = graph(component("noetl:a:A", evil, configMap(evil, { [evil]: `${evil}\n${evil}` })));
      const view = await open(graphPage(shown));
      await view.page.locator("#t1").click();
      expect(await view.page.locator("#panel h2").textContent()).toBe(evil);
      expect(await view.page.locator("img").count()).toBe(0);
    });

    test("given 2,000 resources, opens with components closed, and finds one of them", async () => {
      const view = await open(graphPage(large(222)));
      expect((await outline(view)).length).toBe(223);
      await view.page.locator("#search").fill("noetl-worker-111-7");
      expect(await outline(view)).toEqual(["noetl-worker-111", "noetl-worker-111-7"]);
    });

    test("given a printer, prints the picture and the outline, without its controls", async () => {
      const view = await open(html, { colorScheme: "dark" });
      await view.page.emulateMedia({ media: "print" });
      expect(await styled(view, "svg .page, svg .card", "fill")).toBe("rgb(255, 255, 255)");
      expect(await view.page.locator("svg.np").isVisible()).toBe(true);
      expect(await view.page.locator("#search").isVisible()).toBe(false);
      expect((await view.page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
    });
  },
);
