import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT } from "../cli/support";
import { jobOf, workflow } from "./workflow";

const FILE = "tests.yml";

test("each pull request and main are checked and tested, without secrets and rights", () => {
  expect(workflow(FILE).on).toEqual({ pull_request: null, push: { branches: ["main"] } });
  const { permissions, steps, ...job } = jobOf(FILE, "test");
  expect(permissions).toEqual({ contents: "read" });
  expect(JSON.stringify([steps, job])).not.toMatch(/secrets\.|github\.token/);
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
    "npm ci --ignore-scripts --no-audit --no-fund",
    "npm run check",
    "npm test",
  ]);
});

test("they run on each version of Node.js that the README promises", () => {
  const { strategy, steps } = jobOf(FILE, "test");
  const [, ...promised] = /With Node\.js (\d+) or (\d+)/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  expect(strategy?.matrix.node).toEqual(promised.map(Number));
  const { with: asked } = steps.find(({ uses = "" }) => uses.startsWith("actions/setup-node@")) ?? {};
  expect(asked).toEqual({ "node-version": "${{ matrix.node }}" });
});
