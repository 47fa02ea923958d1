import { describe, expect, it } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestOf } from "../../../preview/graph";
import { runPolicies } from "../../../preview/policies";
import { projectFolder } from "../../../preview/project-folder";
import { stackFile } from "../../../preview/stack-location";
import { renderStack } from "../../../preview/render";
import { toYamlText } from "../../../preview/yaml-text";
import { readStackFile } from "../../../stacks/config/stack-file";
import { withProfile } from "../../../stacks/profile";
import { ensureTool } from "../../../tools/find";
import { allCases } from "./cases";
import { describeUnless, schemasImpossible } from "./requirements";

/*
 * What kube-score finds in the shipped stacks, against the table of docs/policies.md, which says why it is so; and what
 * our own policies find in them and in the corners.
 */

const STACKS = ["gke", "kind"] as const;

describeUnless(schemasImpossible(), "kube-score", () => {
  it("finds in the shipped stacks what docs/policies.md explains, and nothing else", async () => {
    const tool = await ensureTool("kube-score");
    if (!tool.found) throw new Error(`kube-score: ${tool.reason}`);
    const [gke, kind] = [await findings(tool.path, STACKS[0]), await findings(tool.path, STACKS[1])];

    const found = [...new Set([...gke.keys(), ...kind.keys()])].map((check) => [
      check,
      gke.get(check) ?? 0,
      kind.get(check) ?? 0,
    ]);
    expect(found.sort()).toStrictEqual(explained().sort());
  });
});

describe("the policies", () => {
  it.each(allCases())(
    "find nothing in $name that it does not waive, but tags without digests",
    async ({ settings }) => {
      const { config } = settings;
      const found = runPolicies(await renderStack(settings), withProfile(config).traits.production);
      const waived = config.waivers.map(({ rule }) => rule);
      const rest = found.filter(({ rule }) => rule !== "images-by-digest" && !waived.includes(rule));
      expect(rest.map(({ rule, resource, message }) => [rule, resource, message])).toStrictEqual([]);
    },
  );
});

/** Rows of the page's table: check, and how many objects of each stack it finds something in. */
function explained(): (string | number)[][] {
  const page = readFileSync(join(projectFolder(), "docs", "policies.md"), "utf8");
  const count = (text = ""): number => (text === "–" ? 0 : Number(text));
  return [...page.matchAll(/^\| `([a-z-]+)` +\| +(\d+|–) +\| +(\d+|–) +\|/gm)].map(([, check = "", gke, kind]) => [
    check,
    count(gke),
    count(kind),
  ]);
}

interface Scored {
  checks: { check: { id: string }; grade: number; skipped: boolean }[];
}

/** A grade below that is more than a remark. */
const ALL_OK = 10;

async function findings(command: string, stack: string): Promise<Map<string, number>> {
  const graph = await renderStack(readStackFile(stackFile(projectFolder(), stack)));
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  const scored = JSON.parse(await score(command, manifests.map(toYamlText).join("---\n"))) as Scored[];
  const counts = new Map<string, number>();
  for (const { check, grade, skipped } of scored.flatMap(({ checks }) => checks)) {
    if (!skipped && grade < ALL_OK) counts.set(check.id, (counts.get(check.id) ?? 0) + 1);
  }
  return counts;
}

/** Runs kube-score, which exits with 1 when it finds something. */
function score(command: string, yaml: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      ["score", "--output-format", "json", "-"],
      { maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error !== null && error.code !== 1) reject(new Error(`${error.message}: ${stderr}`));
        else resolve(stdout);
      },
    );
    child.stdin?.end(yaml);
  });
}
