import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { HAZARDS } from "../../preview/hazards";
import { ROOT } from "../cli/support";

/** A heading for each hazard, with what happens and the safe way. */
function hazardsText(): string {
  return HAZARDS.map(({ id, title, why, safeWay }) => {
    const sentence = `${why[0]?.toUpperCase() ?? ""}${why.slice(1)}.`;
    const steps = safeWay.map((step, index) => `${index + 1}. ${escaped(step)}`).join("\n");
    return `### ${title}\n\nRule \`${id}\`. ${escaped(sentence)}\n\n${steps}\n`;
  }).join("\n");
}

/** Capitals as in NAME are nothing to Markdown, but these are. */
function escaped(text: string): string {
  return text.replaceAll(/[\\<>*_]/g, "\\$&");
}

test("docs/data-safety.md says of each change what the preview says", () => {
  const page = join(ROOT, "docs", "data-safety.md");
  const committed = readFileSync(page, "utf8");
  const current = committed.replace(
    /(<!-- hazards:.*-->\n)[^]*(<!-- \/hazards -->)/,
    (_, start: string, end: string) => `${start}\n${hazardsText()}\n${end}`,
  );
  // Like a render: the new text takes the place of the old, and the test fails all the same.
  writeFileSync(page, current);
  expect(committed).toBe(current);
});
