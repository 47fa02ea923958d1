import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { RIGS } from "../../operations/rigs/catalog";
import { rigSections } from "../../operations/rigs/document";
import { ROOT } from "../cli/support";

test("the page of the rigs tells of each; like a render, a stale one is written anew and fails", async () => {
  const page = join(ROOT, "docs", "rigs.md");
  const committed = readFileSync(page, "utf8");
  const [head = ""] = committed.split(/^## /m);
  const today = await format(`${head}${rigSections(RIGS)}`, { parser: "markdown", printWidth: 120 });

  writeFileSync(page, today);
  expect(committed).toBe(today);
});
