import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { TONES } from "../../../preview/map/impact-style";
import { graphPage } from "../../../preview/map/page";
import { fitting } from "../../../preview/map/page-data";
import { graphData } from "../../../preview/map/data";
import { component, configMap, graph } from "../support";
import { impactOn, large, named, platform, report } from "./support";

/** What stands in the elements of a name. */
const contents = (page: string, tag: string): string[] =>
  [...page.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, "g"))].map(([, content]) => content ?? "");
const dataOf = (page: string): { places: { name: string; text?: string; change?: object }[]; links: unknown[] } =>
  JSON.parse(contents(page, "script")[0] ?? "") as ReturnType<typeof dataOf>;
const hash = (content: string | undefined): string =>
  `&#39;sha256-${createHash("sha256")
    .update(content ?? "")
    .digest("base64")}&#39;`;

describe("the page of a platform", () => {
  test("given a platform, has its outline, picture and manifests, and is the same each time", () => {
    const page = graphPage(platform());
    expect(dataOf(page).places.map(({ name, text }) => [name, text?.split("\n")[1] ?? null])).toEqual([
      ["server", null],
      ["api", "kind: Deployment"],
      ["settings", "kind: ConfigMap"],
      ["bus", null],
      ["nats", "kind: Service"],
    ]);
    expect(dataOf(page).links).toEqual([[1, 4, "calls"]]);
    expect(
      [...page.matchAll(/role="treeitem" id="(t\d+)"[^>]* aria-level="(\d)"/g)].map(([, ...found]) => found),
    ).toEqual([
      ["t0", "1"],
      ["t1", "2"],
      ["t2", "2"],
      ["t3", "1"],
      ["t4", "2"],
    ]);
    expect(graphPage(platform())).toBe(page);
  });

  test("given its policy, lets nothing run or load but its own style and script", () => {
    const page = graphPage(platform());
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const [, script] = contents(page, "script");
    const [style] = contents(page, "style");
    expect(contents(page, "style")).toHaveLength(1);
    expect(policy).toBe(
      `default-src &#39;none&#39;; style-src ${hash(style)}; script-src ${hash(script)}; img-src data:; ` +
        "base-uri &#39;none&#39;; form-action &#39;none&#39;; require-trusted-types-for &#39;script&#39;",
    );
    expect(page).not.toMatch(/https?:\/\/|url\(|@import| style=| on[a-z]+=/);
  });

  test("given names and values made to break a page, escapes them", () => {
    const evil = `</script><img src=x onerror="alert(1)"><!--<script>&\u2028`;
    const page = graphPage(graph(component("noetl:a:A", evil, configMap(evil, { [evil]: evil }))));
    expect(page).not.toMatch(/<img|<!--/);
    expect(contents(page, "script")).toHaveLength(2);
    expect(dataOf(page).places[1]?.name).toBe(evil);
    expect(dataOf(page).places[1]?.text).toContain("onerror=");
  });

  test("given a change, says its label beside each sign, and its reasons; data has the impact", () => {
    const shown = platform();
    const change = report(impactOn(named(shown, "api"), { impact: "replace", reason: "the selector changes" }));
    const page = graphPage(shown, change);
    expect(page).toContain('<span class="mark danger" aria-hidden="true">⇄</span><span class="told">replaced</span>');
    expect(page).toContain(`aria-label="What the change does"`);
    expect(dataOf(page).places[1]?.change).toEqual({
      effects: [{ sign: "⇄", tone: "danger", label: "replaced", reason: "the selector changes", fields: [] }],
      edits: [],
      fields: [],
    });
    expect(graphData(shown, change).resources.map(({ name, impact }) => [name, impact])).toEqual([
      ["server", null],
      ["api", "replace"],
      ["settings", null],
      ["bus", null],
      ["nats", null],
    ]);
  });

  test("given 2,000 resources with long manifests, stays below 5 MB", () => {
    const page = graphPage(large(222));
    expect(dataOf(page).places.length).toBeGreaterThan(2_000);
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
  });

  test("given texts, cuts the longest ones only, and only as far as it must", () => {
    const texts = ["a".repeat(10), "b".repeat(5_000), "c".repeat(300), "d".repeat(9_000)];
    expect(fitting(texts, 20_000)).toEqual(texts);
    const cut = fitting(texts, 4_310);
    expect(cut.map(({ length }) => length)).toEqual([10, 2_000, 300, 2_000]);
    expect(cut[1]).toMatch(/^b+\n# … cut, as the page is full: noetl-ops preview --format yaml\n$/);
  });
});

describe("the colours of impact", () => {
  /** Contrast of two colours, as WCAG 2 has it. */
  const contrast = (a: string, b: string): number => {
    const light = (colour: string): number =>
      [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
        const part = parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16) / 255;
        return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      }, 0);
    const [dim, bright] = [light(a), light(b)].sort((one, other) => one - other);
    return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
  };
  const grounds = { light: "#ffffff", dark: "#161d27" };

  test.each(["light", "dark"] as const)("can be read in %s mode, on their own ground and on a card", (mode) => {
    for (const [ink, fill] of Object.values(TONES[mode])) {
      expect(contrast(ink, fill)).toBeGreaterThan(4.5);
      expect(contrast(ink, grounds[mode])).toBeGreaterThan(4.5);
    }
  });
});
