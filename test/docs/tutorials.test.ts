import "./in-clone";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { ROOT } from "../cli/support";
import { stepsOf } from "./page";
import { Tutorial } from "./tutorial";

/** Steps that need a cluster, an orchestrator and the like are done by test/real/tutorials. */
const PAGES = ["docs/walk.md", ...readdirSync(join(ROOT, "docs", "tutorials")).map((name) => `docs/tutorials/${name}`)];
const CHEAP = PAGES.flatMap((page) => {
  const steps = stepsOf(page).filter((step) => step.kind !== "command" || step.needs === undefined);
  return steps.some(({ kind }) => kind === "command") ? [{ page, steps }] : [];
});

describe.each(CHEAP)("$page", ({ steps }) => {
  let tutorial: Tutorial;

  beforeAll(async () => {
    tutorial = new Tutorial();
    process.chdir(tutorial.folder);
    if (steps.some((step) => step.kind === "command" && /^git |noetl-ops diff/.test(step.command)))
      await tutorial.commit();
  });

  afterAll(() => {
    process.chdir(ROOT);
    tutorial.remove();
  });

  test("every step does what the page shows", async () => {
    for (const step of steps) await tutorial.do(step);
  });
});
