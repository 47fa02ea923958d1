import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { POLICIES } from "../../preview/policies";

const PAGE = join(__dirname, "..", "..", "docs", "policies.md");

/** A row for each policy, and why below it. */
function policiesText(): string {
  const rows = POLICIES.map(({ id, title, severity, productionOnly }) => [
    `\`${id}\``,
    title,
    `${severity}${productionOnly ? ", in production" : ""}`,
  ]);
  const reasons = POLICIES.map(({ id, reason, fix }) => `- \`${id}\`: ${escaped(reason)} Fix: ${escaped(fix)}.`);
  return [
    ...table([["policy", "what must hold", "severity"], ...rows]),
    "",
    "Why, and what to do:",
    "",
    ...reasons,
  ].join("\n");
}

/** Lines of a Markdown table as prettier writes them. */
function table([head = [], ...rows]: string[][]): string[] {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(line);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\<>*_]/g, "\\$&");
}

test("docs/policies.md lists the policies there are", () => {
  const committed = readFileSync(PAGE, "utf8");
  const current = committed.replace(
    /(<!-- policies:.*-->\n)[^]*(<!-- \/policies -->)/,
    (_, start: string, end: string) => `${start}\n${policiesText()}\n\n${end}`,
  );
  // Like a render: the new text takes the place of the old, and the test fails all the same.
  writeFileSync(PAGE, current);
  expect(committed).toBe(current);
});
