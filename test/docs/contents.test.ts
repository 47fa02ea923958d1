import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { program } from "../../cli/main";
import { componentClasses, contents, FILE, pagesIn } from "./contents";

describe("docs/README.md", () => {
  test("lists commands and components as they are", () => {
    const committed = readFileSync(FILE, "utf8");
    const made = contents(committed);
    writeFileSync(FILE, made);
    expect(committed).toBe(made);
  });

  test("leads to every page", () => {
    const index = readFileSync(FILE, "utf8");
    const pages = ["", "commands", "components", "tutorials"].flatMap((folder) =>
      pagesIn(folder).map(({ name }) => (folder === "" ? name : `${folder}/${name}`)),
    );
    expect(pages.filter((page) => page !== "README.md" && !index.includes(`](${page})`))).toEqual([]);
  });
});

test("every command has its page, which begins with its name; no page is left of one that went", () => {
  const commands = program().commands.map((command) => command.name());
  expect(pagesIn("commands").map(({ name }) => name)).toEqual(commands.map((name) => `${name}.md`).sort());
  for (const { name, text } of pagesIn("commands")) {
    expect(text.startsWith(`# noetl-ops ${name.replace(".md", "")}\n`)).toBe(true);
  }
});

test("every component has a page that names it", () => {
  const text = pagesIn("components")
    .map((page) => page.text)
    .join("\n");
  expect(componentClasses().length).toBeGreaterThan(30);
  expect(componentClasses().filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
