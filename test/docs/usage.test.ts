import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "@jest/globals";
import { program } from "../../cli/main";
import { scripts } from "../../package.json";
import { ROOT } from "../cli/support";

/** What readers type, on every page: commands and options that there are. What they print, other tests tell. */
const PAGES = ["", ".github", "docs", "examples", "library"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { encoding: "utf8", recursive: folder !== "" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join(folder, path)),
);

/** Each `noetl-ops …` that is code, as words, to where the shell ends it: a line of a block, or what begins a piece of text. */
function callsIn(text: string): string[][] {
  const blocks = [...text.matchAll(/^(````?)[^]*?^\1/gm)].map(([block]) => block.replaceAll("\\\n", " "));
  const lines = blocks.flatMap((block) => block.split("\n").map((line) => line.replace(/^(\$ |.*\| *| +)/, "")));
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return [...lines, ...spans].flatMap((code) => {
    const [, words] = /^(?:npx )?noetl-ops +((?:'[^']*'|"[^"]*"|[^|;&<>#'")])*)/.exec(code) ?? [];
    return words === undefined
      ? []
      : [
          words
            .replaceAll(/'[^']*'|"[^"]*"/g, "VALUE")
            .trim()
            .split(/\s+/),
        ];
  });
}

/** What is wrong with a call; undefined when nothing is. */
function fault(words: readonly string[]): string | undefined {
  let command: Command = program();
  const options = [...command.options];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word.startsWith("-")) {
      const [option = ""] = /^--?[A-Za-z][A-Za-z-]*/.exec(word) ?? [];
      const known = options.find(({ long, short }) => long === option || short === option);
      if (known === undefined && option !== "" && option !== "--help") return `${command.name()} has no ${option}`;
      if (known?.required === true && !word.includes("=")) i += 1;
      continue;
    }
    const inner = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (inner !== undefined) {
      command = inner;
      options.push(...command.options);
    } else if (command.commands.length > 0 && /^[a-z][a-z-]+$/.test(word)) return `${command.name()} has no ${word}`;
  }
  return undefined;
}

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");

  test("shows commands and options of noetl-ops that there are", () => {
    expect(callsIn(text).flatMap((words) => fault(words) ?? [])).toEqual([]);
  });

  test("shows scripts of npm that there are", () => {
    const shown = [...text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
    expect(shown.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test("calls are found, and faults are", () => {
  const [call = []] = callsIn("`noetl-ops diff main...HEAD --stack 'a b' --fail-on data-at-risk`");
  expect(call).toEqual(["diff", "main...HEAD", "--stack", "VALUE", "--fail-on", "data-at-risk"]);
  expect(fault(call)).toBeUndefined();
  expect(fault(["diff", "--never"])).toBe("diff has no --never");
  expect(fault(["nats", "sing"])).toBe("nats has no sing");
});
