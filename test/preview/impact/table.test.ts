import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMPACTS } from "../../../preview/impact";
import { KNOWLEDGE, SOURCES } from "../../../preview/impact/knowledge";
import { knowledgePage } from "../../../preview/impact/table";

const DOCS = join(__dirname, "..", "..", "..", "docs");
const PAGE = readFileSync(join(DOCS, "impact.md"), "utf8");
const FIELDS = join(DOCS, "impact-fields.md");

test("the page of fields says what the table knows; it is written anew where it does not", () => {
  const written = readFileSync(FIELDS, "utf8");
  const known = knowledgePage();
  // The new page replaces the old one and the test fails all the same, so that a reviewer sees it.
  if (written !== known) writeFileSync(FIELDS, known);

  expect(written).toBe(known);
});

test("the page explains every impact, in the order of reports", () => {
  const explained = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| /gm)].flatMap(([, id]) => id ?? []);

  expect(explained.slice(0, IMPACTS.length)).toStrictEqual([...IMPACTS]);
});

test("every row has its own name and a source, and every source a row", () => {
  expect(new Set(KNOWLEDGE.map(({ id }) => id)).size).toBe(KNOWLEDGE.length);
  expect(KNOWLEDGE.filter(({ sources }) => sources.length === 0)).toStrictEqual([]);
  expect(Object.keys(SOURCES).sort()).toStrictEqual([...new Set(KNOWLEDGE.flatMap(({ sources }) => sources))].sort());
});
