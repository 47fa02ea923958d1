import { describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../preview/graph";
import { CHECKS } from "../../preview/checks";
import { POLICIES, runPolicies } from "../../preview/policies";
import { previewPicture } from "../../preview/picture";
import { escapeXml } from "../../preview/svg";
import { viewOf } from "../../preview/view";
import { amounts, component, config, configMap, graph, object, OPEN, workload } from "./support";

/** What the toys here break, but for the one policy that a test is about. */
const waiversOf = (shown: ResourceGraph) =>
  [...new Set(runPolicies(shown, false).map(({ rule }) => rule))]
    .filter((rule) => rule !== "unpinned-images")
    .map((rule) => ({ rule, reason: "a toy keeps to no policy", until: "2030-01-01" }));

const picture = async (shown: ResourceGraph): Promise<string> => {
  const settings = config({ ...OPEN, waivers: waiversOf(shown) });
  return previewPicture(await viewOf({ graph: shown, config: settings }, "2026-11-21"));
};

/** Tag names of a document in order; throws when one is not closed where it should be. */
function tagsOf(svg: string): string[] {
  const open: string[] = [];
  const tags: string[] = [];
  for (const [, closing, name = "", selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (closing === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      tags.push(name);
      if (selfClosing !== "/") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return tags;
}

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, content]) => content ?? "");

/** The numbers of an attribute in all elements of a name. */
function numbers(svg: string, element: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(`<${element} [^>]*\\b${attribute}="([\\d.]+)"`, "g"))].map(([, value]) =>
    Number(value),
  );
}

describe("the picture of a preview", () => {
  const shown = graph(
    component(
      "noetl:noetl:NoetlServer",
      "server",
      component("noetl:noetl:RuntimeSecrets", "runtime", configMap("inner", { a: "1" }, "noetl")),
      workload({ name: "noetl-server", spec: { replicas: 2 }, container: { resources: amounts("1 1Gi", "2 2Gi") } }),
    ),
    configMap("loose", {}),
  );

  test("given components, when drawn, then every name, kind and fact stands in a well-formed document", async () => {
    const svg = await picture(shown);
    expect(tagsOf(svg)[0]).toBe("svg");
    expect(texts(svg)).toEqual([
      "noetl kind",
      "profile kind, rendered offline",
      `${CHECKS.length + POLICIES.length} passed`,
      "checks",
      "0",
      "storage",
      "2Gi → 4Gi",
      "memory",
      "2 → 4",
      "CPU",
      "2",
      "pods",
      "3",
      "objects",
      "ConfigMap",
      "loose",
      "0 keys · in nats",
      "server",
      "NoetlServer · noetl",
      "Deployment",
      "noetl-server",
      "×2 · app:1.0 · cpu 1→2 · memory 1Gi→2Gi",
      "runtime",
      "RuntimeSecrets · noetl",
      "ConfigMap",
      "inner",
      "1 key",
      "workload",
      "configuration",
    ]);
  });

  test("given a picture, when embedded, then it says what it is, follows dark mode, and loads nothing from elsewhere", async () => {
    const svg = await picture(shown);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(svg).toContain('role="img" aria-labelledby="noetl-preview-title noetl-preview-desc"');
    expect(svg).toContain('<title id="noetl-preview-title">Preview of noetl kind (profile kind)</title>');
    expect(svg).toContain(">3 objects in 2 components: loose, server.</desc>");
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|href|@import|<script|<image/);
  });

  test("given findings, when drawn, then the header counts them", async () => {
    expect(texts(await picture(graph(workload({ container: { image: "a:latest" } }))))).toContain("1 error");
  });

  test("given names made to break a document, when drawn, then they are escaped", async () => {
    const name = `<script>"&'\u0000`;
    const svg = await picture(graph(object({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } })));
    expect(tagsOf(svg)).not.toContain("script");
    expect(texts(svg)).toContain("&lt;script&gt;&quot;&amp;&#39;\ufffd");
    expect(escapeXml("plain → text")).toBe("plain → text");
  });

  test("given names of any length and many components, when drawn, then nothing leaves the picture", async () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      component(
        "noetl:noetl:WorkerPool",
        `pool-${"x".repeat(index * 4)}`,
        component(
          "noetl:a:A",
          `a${index}`,
          component("noetl:b:B", `b${index}`, configMap("y".repeat(index * 6 + 1), {})),
        ),
        workload({
          name: "z".repeat(index * 5 + 1),
          container: { image: `registry.example/${"i".repeat(index * 5)}/a:1` },
        }),
      ),
    );
    const svg = await picture(graph(...many));
    const [height = 0] = numbers(svg, "svg", "height");
    const widths = numbers(svg, "rect", "width");
    const right = numbers(svg, "rect", "x").map((x, index) => x + (widths[index] ?? 0));
    expect(Math.max(...right)).toBe(1200);
    expect(Math.max(...numbers(svg, "text", "y"))).toBeLessThan(height);
    // The monospaced rows: 12 pixels wide at most 0.602 of the size a character.
    expect(Math.max(...texts(svg).map((content) => content.length))).toBeLessThan(80);
  });

  test("given an empty stack, when drawn, then there is still a header", async () => {
    expect(texts(await picture(graph()))).toContain("noetl kind");
  });
});
