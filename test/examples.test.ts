import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { runChecks } from "../preview/checks";
import { renderStack } from "../preview/render";
import { projectFolder } from "../preview/project-folder";
import { casesIn } from "./real/stacks/cases";

const FOLDER = join(projectFolder(), "examples");
const EXAMPLES = casesIn(FOLDER, false);

/** test/real/stacks puts each before a real API server. */
describe("examples", () => {
  test.each(EXAMPLES)("given $name, when checked, then nothing is to be mended", async ({ settings }) => {
    const findings = runChecks({ graph: await renderStack(settings), config: settings.config });
    const open = findings.filter(({ severity, waived }) => severity !== "info" && !waived);
    expect(open).toEqual([]);
  });

  test("each begins with its schema and says what it is for; the page lists them all", () => {
    const page = readFileSync(join(FOLDER, "README.md"), "utf8");
    for (const { name } of EXAMPLES) {
      const file = `Pulumi.${name}.yaml`;
      expect(readFileSync(join(FOLDER, file), "utf8")).toMatch(
        /^# yaml-language-server: \$schema=\.\.\/stacks\/config\.schema\.json\n# \S.+\n/,
      );
      expect(page).toContain(`[${file}](${file})`);
    }
    expect(EXAMPLES.map(({ name }) => name)).toEqual([
      "gke-sharded",
      "gke-small",
      "laptop",
      "minimal",
      "orchestrator",
      "own-services",
      "supercluster",
    ]);
  });
});
