import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/support";

/** What a page shows, in its order. */
export type Step =
  /** ` ```yaml file=NAME `: a whole file. */
  | { kind: "file"; name: string; text: string }
  /** ` ```diff file=NAME `: an edit of a file that is there. */
  | { kind: "edit"; name: string; before: string; after: string }
  /**
   * ` ```console `: a command and what it prints. ` ```console cluster ` needs what is named there, which only the real
   * tests have.
   */
  | { kind: "command"; command: string; output: string; needs: string | undefined };

/** Four marks frame a page that has blocks of its own. */
const BLOCK = /^(````?)(\w+)(?: ([^\n]*))?\n([^]*?)^\1$/gm;

/**
 * The steps of a page.
 *
 * @param page its path in the project
 */
export function stepsOf(page: string): Step[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(BLOCK)].flatMap(([, , language = "", info = "", body = ""]): Step[] => {
    const name = /^file=(\S+)$/.exec(info)?.[1];
    if (language === "console") return commandsIn(body, info === "" ? undefined : info);
    if (name === undefined) return [];
    return [language === "diff" ? editIn(body, name) : { kind: "file", name, text: body }];
  });
}

/** A line `$ COMMAND`, and below it what it prints. A `\` at the end of a line carries the command on. */
function commandsIn(body: string, needs: string | undefined): Step[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [, command = "", output = ""] = /^((?:.*\\\n)*.*)\n([^]*)$/.exec(text) ?? [];
      return { kind: "command", command, output: output.trimEnd(), needs };
    });
}

function editIn(body: string, name: string): Step {
  const side = (other: string): string =>
    body
      .split("\n")
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(1))
      .join("\n");
  return { kind: "edit", name, before: side("+"), after: side("-") };
}

/** An output as a pattern: a line `…` stands for any lines, an `…` within a line for anything in it. */
export function patternOf(output: string): RegExp {
  const lines = output.split("\n").map((line) => (line === "…" ? "[^]*" : line.split("…").map(escaped).join(".*")));
  return new RegExp(`^${lines.join("\n")}$`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
