import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { platformRules } from "../../components/monitoring/groups";
import { metricsReference, rulesReference } from "../../components/monitoring/reference";
import { problemsOf } from "../../components/monitoring/rule-check";
import { alertsOf } from "../../components/monitoring/rules";
import { runbookPath } from "../../components/monitoring/rules-file";
import { platformNode, type SchemaNode } from "../../stacks/config/schema-node";
import { EVERYTHING } from "../components/monitoring/facts";

const ROOT = join(__dirname, "..", "..");
const GROUPS = platformRules(EVERYTHING);
const ALERTS = alertsOf(GROUPS).map(({ alert }) => alert);
const PAGES = readdirSync(join(ROOT, "docs", "runbooks")).sort();

describe("docs/monitoring.md", () => {
  test("its tables are those of the catalogue and the rules", () => {
    const path = join(ROOT, "docs", "monitoring.md");
    const committed = readFileSync(path, "utf8");
    const blocks = { alerts: rulesReference(GROUPS, "docs"), metrics: metricsReference() };
    const fresh = Object.entries(blocks).reduce(
      (text, [name, block]) =>
        text.replace(
          new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`),
          `$1\n${block.replace(/\$/g, "$$$$")}\n\n$2`,
        ),
      committed,
    );
    const prettier = join(ROOT, "node_modules", "prettier", "bin", "prettier.cjs");
    const formatted = execFileSync(process.execPath, [prettier, "--stdin-filepath", path], {
      input: fresh,
      encoding: "utf8",
    });
    // The new tables replace the old ones and the test fails all the same: the reviewer sees the change as a git diff.
    writeFileSync(path, formatted);
    expect(committed).toBe(formatted);
  });
});

test("each alert has its runbook, and each runbook its alert", () => {
  expect(PAGES).toEqual(ALERTS.map((alert) => `${alert}.md`).sort());
});

describe.each(ALERTS)("runbook of %s", (alert) => {
  const text = readFileSync(join(ROOT, runbookPath(alert)), "utf8");

  test("has the heading that the alert's link jumps to, and says meaning, first look, query and fix", () => {
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([alert, "Meaning", "First look", "Query", "Fix"]);
    for (const part of text.split(/^## .*$/m).slice(1)) expect(part.trim()).not.toBe("");
  });

  test("its queries are PromQL on metrics and labels that there are", () => {
    const queries = [...text.matchAll(/^```promql\n([^]*?)^```$/gm)].map(([, query]) => query ?? "");
    expect(queries.length).toBeGreaterThan(0);
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    const problems = problemsOf([{ name: "queries", interval: "1m", scope: "cluster", rules }], { others: GROUPS });
    // Whoever asks may well look at more than one namespace.
    expect(problems.filter(({ message }) => !message.endsWith("of which namespace?"))).toEqual([]);
  });

  test("its links lead somewhere, and the settings it names exist", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link ?? "");
    expect(links.filter((link) => !existsSync(join(ROOT, "docs", "runbooks", link)))).toEqual([]);
    const settings = [...text.matchAll(/`noetl:([A-Za-z.]+)/g)].map(([, path]) => path ?? "");
    expect(settings.filter((path) => !isSetting(path.replace(/\.$/, "")))).toEqual([]);
  });
});

/** Whether a stack file can say it, in lists and choices, too. */
function isSetting(path: string): boolean {
  const steps = path.split(".");
  let nodes: SchemaNode[] = [platformNode()];
  for (const step of steps) {
    nodes = nodes.flatMap(inside).flatMap(({ properties = {} }) => {
      const child = Object.hasOwn(properties, step) ? properties[step] : undefined;
      return child ? [child] : [];
    });
  }
  return nodes.length > 0;
}

function inside(node: SchemaNode): SchemaNode[] {
  const below = [...(node.items ? [node.items] : []), ...(node.oneOf ?? []), ...(node.anyOf ?? [])];
  return [node, ...below.flatMap(inside)];
}
