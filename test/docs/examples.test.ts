import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { transformSync } from "@swc/core";
import { recorded } from "../support/recorded";

const ROOT = join(__dirname, "..", "..");
const PAGES = readdirSync(join(ROOT, "docs", "components"));

/** The TypeScript blocks of a page. */
function examplesOf(page: string): string[] {
  const text = readFileSync(join(ROOT, "docs", "components", page), "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code ?? "");
}

/** Runs a module that imports as if it stood at the root of the repository; returns its exports. */
function run(code: string): Record<string, unknown> {
  const { code: script } = transformSync(code, {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
  });
  const fromRoot = (id: string): unknown => jest.requireActual(id.startsWith("./") ? join(ROOT, id) : id);
  const exported: Record<string, unknown> = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the examples are ours
  new Function("require", "exports", script)(fromRoot, exported);
  return exported;
}

describe.each(PAGES)("docs/components/%s", (page) => {
  const examples = examplesOf(page);

  test("has an example", () => {
    expect(examples).not.toEqual([]);
  });

  test.each(examples)("its example deploys something and exports what it says", async (code) => {
    let exported: Record<string, unknown> = {};
    const graph = await recorded(() => {
      exported = run(code);
    });
    expect(graph.resources.filter(({ custom }) => custom)).not.toEqual([]);
    for (const [, name, value] of code.matchAll(/^export const (\w+) = .*; \/\/ (\S+)$/gm)) {
      expect(exported[name ?? ""]).toBe(value);
    }
  });
});
