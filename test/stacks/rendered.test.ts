import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { assess } from "../../preview/assess";
import type { ResourceGraph } from "../../preview/graph";
import { renderedFiles } from "../../preview/manifests";
import { readRendered, writeRendered } from "../../preview/rendered-folder";
import { renderStack } from "../../preview/render";
import { readStackFile } from "../../stacks/config/stack-file";

const ROOT = join(__dirname, "..", "..");

/** Every stack file that is shipped. */
const STACKS = readdirSync(ROOT).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

describe.each(STACKS)("stack %s", (stack) => {
  const settings = readStackFile(join(ROOT, `Pulumi.${stack}.yaml`));
  let graph: ResourceGraph;

  beforeAll(async () => {
    graph = await renderStack(settings);
  });

  test("its render is the one that is committed", () => {
    const folder = join(ROOT, "rendered", stack);
    const committed = readRendered(folder) ?? new Map<string, string>();
    const files = renderedFiles(graph);
    // The new render replaces the old one and the test fails all the same: the reviewer sees the change as a git diff.
    writeRendered(folder, files);
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(files));
  });

  test("it passes every check and policy, or says why not", async () => {
    const platform = { graph, config: settings.config };
    // The day on which its waivers were written.
    const findings = await assess(platform, { today: "2026-11-21" });
    expect(findings.filter(({ severity, waived }) => severity !== "info" && !waived)).toEqual([]);
  });

  test("it renders the same every time", async () => {
    expect(await renderStack(settings)).toEqual(graph);
  });
});

test("kind, and both layers of gke are shipped", () => {
  expect(STACKS.sort()).toEqual(["gke", "gke-base", "kind"]);
});
