/* eslint-disable @typescript-eslint/no-unsafe-member-access --
   mutations write into manifests of any kind, and a wrong one makes its test fail */
import { describe, expect, it } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Manifest } from "../../../preview/graph";
import { runPolicies } from "../../../preview/policies";
import { projectFolder } from "../../../preview/project-folder";
import { stackFile } from "../../../preview/stack-location";
import { renderStack } from "../../../preview/render";
import { toYamlText } from "../../../preview/yaml-text";
import { readStackFile } from "../../../stacks/config/stack-file";
import { withProfile } from "../../../stacks/profile";
import { findCrds } from "../../../tools/crds";
import { ensureTool } from "../../../tools/find";
import { kubeconformSchemas } from "../../../tools/schemas";
import { mutated, type Inputs } from "../../preview/policies/good";
import { MUTANTS } from "../../preview/policies/mutants";
import { allCases } from "./cases";
import { manifestsOf, readable } from "./objects";
import { describeUnless, schemasImpossible } from "./requirements";

/*
 * What kube-score finds in the shipped stacks, against the table of docs/policies.md, which says why it is so; and what
 * our own policies find in them and in the corners; and what kubeconform finds in manifests that break our policies.
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

describeUnless(schemasImpossible(), "kubeconform", () => {
  it("finds in manifests that break a policy, or are malformed, what docs/policies.md says", async () => {
    const { missing } = await findCrds();
    const found = await invalidOf({
      "the stack `gke`": [readable(await ofStack("gke"), missing)],
      "the stack `kind`": [readable(await ofStack("kind"), missing)],
      ...Object.fromEntries(
        Object.entries(MUTANTS).map(([id, mutants]) => [
          `breaks \`${id}\``,
          mutants.map(([, graph]) => manifestsOf(graph)),
        ]),
      ),
      ...Object.fromEntries(Object.entries(MALFORMED).map(([what, change]) => [what, [malformed(change)]])),
    });

    expect(compared()).toStrictEqual(found);
  });

  it("is given no malformed manifest that a policy would find", () => {
    for (const change of Object.values(MALFORMED)) {
      expect(runPolicies(mutated("Deployment shop", change), true)).toStrictEqual([]);
    }
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

/** What kubeconform is for: fields, types and values that no policy looks at. */
const MALFORMED: Readonly<Record<string, (inputs: Inputs) => void>> = {
  "a field that Kubernetes does not know": ({ spec }) => (spec.replica = 3),
  "a text where a number belongs": ({ spec }) => (spec.minReadySeconds = "ten"),
  "a required field that is missing": ({ spec }) => delete spec.template.spec.containers[0].ports[0].containerPort,
  "a version of a kind that is gone": (inputs) => (inputs.apiVersion = "apps/v1beta1"),
};

function malformed(change: (inputs: Inputs) => void): Manifest[] {
  return manifestsOf(mutated("Deployment shop", change));
}

/** Rows of the page's table: what, how many there are of it, and how many of them kubeconform finds something in. */
function compared(): Record<string, [all: number, found: number]> {
  const [, table = ""] = readFileSync(join(projectFolder(), "docs", "policies.md"), "utf8").split("| kubeconform ");
  const rows = [...table.matchAll(/^\| (.+?) +\| +(\d+) +\| +(\d+|–) +\|/gm)];
  return Object.fromEntries(
    rows.map(([, what = "", all, found]) => [what, [Number(all), found === "–" ? 0 : Number(found)]]),
  );
}

/** How many of the renders of each name there are, and how many of them kubeconform does not find valid. */
async function invalidOf(renders: Record<string, Manifest[][]>): Promise<Record<string, [number, number]>> {
  const tool = await ensureTool("kubeconform");
  const schemas = await kubeconformSchemas("1.36");
  if (!tool.found) throw new Error(`kubeconform: ${tool.reason}`);
  if (typeof schemas !== "string") throw new Error(`${schemas.name}: ${schemas.reason}`);
  const folder = mkdtempSync(join(tmpdir(), "noetl-policies-"));
  try {
    const names = Object.keys(renders);
    names.forEach((name, index) =>
      renders[name]?.forEach((manifests, number) => {
        writeFileSync(join(folder, `${index}-${number}.yaml`), manifests.map(toYamlText).join("---\n"));
      }),
    );
    const args = ["-strict", "-output=json", `-schema-location=${schemas}`, folder];
    const { resources } = JSON.parse(await printed(tool.path, args)) as { resources: { filename: string }[] };
    const invalid = new Set(resources.map(({ filename }) => basename(filename, ".yaml")));
    return Object.fromEntries(
      names.map((name, index) => [
        name,
        [renders[name]?.length ?? 0, [...invalid].filter((one) => one.startsWith(`${index}-`)).length],
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Scored {
  checks: { check: { id: string }; grade: number; skipped: boolean }[];
}

/** A grade below that is more than a remark. */
const ALL_OK = 10;

async function findings(command: string, stack: string): Promise<Map<string, number>> {
  const text = (await ofStack(stack)).map(toYamlText).join("---\n");
  const scored = JSON.parse(await printed(command, ["score", "--output-format", "json", "-"], text)) as Scored[];
  const counts = new Map<string, number>();
  for (const { check, grade, skipped } of scored.flatMap(({ checks }) => checks)) {
    if (!skipped && grade < ALL_OK) counts.set(check.id, (counts.get(check.id) ?? 0) + 1);
  }
  return counts;
}

async function ofStack(stack: string): Promise<Manifest[]> {
  return manifestsOf(await renderStack(readStackFile(stackFile(projectFolder(), stack))));
}

/** What a tool prints that exits with 1 when it finds something. */
function printed(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(`${error.message}: ${stderr}`));
      else resolve(stdout);
    });
    child.stdin?.end(input);
  });
}
