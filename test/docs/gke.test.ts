import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { runChecks } from "../../preview/checks";
import { renderStack } from "../../preview/render";
import { parseStackFile } from "../../stacks/config/stack-file";

const PAGE = readFileSync(join(__dirname, "..", "..", "docs", "gke.md"), "utf8");
const [base = "", platform = ""] = [...PAGE.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text]) => text);

describe("docs/gke.md", () => {
  test.each([
    ["gke-base", base],
    ["gke", platform],
  ])("its stack %s renders and passes every check", async (stack, text) => {
    const settings = parseStackFile(text, `Pulumi.${stack}.yaml`);
    const graph = await renderStack(settings);
    expect(graph.resources.some(({ type }) => type.startsWith("gcp:"))).toBe(true);
    const findings = runChecks({ graph, config: settings.config });
    expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
  });

  test("both stacks say the same of project, cluster and database", () => {
    const [one, other] = [base, platform].map((text, index) => parseStackFile(text, `Pulumi.${index}.yaml`).config);
    expect({ ...other?.gcp, layer: "infrastructure" }).toEqual(one?.gcp);
    expect(other?.postgres).toEqual(one?.postgres);
    expect(other?.cluster).toEqual(one?.cluster);
  });
});
