import { LineCounter, parseDocument } from "yaml";
import type { Entry } from "./entry";
import { ConfigError, type ConfigProblem } from "./problem";
import { yamlEntries } from "./yaml-entries";
import { syntaxProblems } from "./yaml-syntax";

/**
 * Reads the YAML of a stack file, as Pulumi reads it: YAML 1.2 core with merge keys.
 *
 * @param text The file's text.
 * @param file Its name, for messages.
 * @returns The file's content, and problems beside which the content can still be checked.
 * @throws ConfigError with every syntax error when it is no YAML.
 */
export function parseYaml(text: string, file: string): { root: Entry; problems: ConfigProblem[] } {
  const unreadable = [...controlProblems(text, file), ...depthProblems(text, file)];
  if (unreadable.length > 0) throw new ConfigError(file, unreadable);

  const lines = new LineCounter();
  // Keys given twice are reported by us, with the path and the first line.
  const options = { version: "1.2", merge: true, uniqueKeys: false, prettyErrors: false } as const;
  const document = parseDocument(text, { ...options, lineCounter: lines });
  const problems = syntaxProblems(document, text, file, lines);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return yamlEntries(document, lines);
}

const MAX_BRACKETS = 100;
const MAX_INDENT = 400;

/** The parser recurses, and ends the whole process on a hostile file of some thousand levels. */
function depthProblems(text: string, file: string): ConfigProblem[] {
  let open = 0;
  for (const [index, line] of text.split("\n").entries()) {
    let deepest = open;
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      open = Math.max(0, open + ("[{".includes(bracket) ? 1 : -1));
      deepest = Math.max(deepest, open);
    }
    const indent = /^[ \t]*([-?:][ \t]+)*/.exec(line)?.[0].length ?? 0;
    if (deepest > MAX_BRACKETS || indent > MAX_INDENT) {
      return [
        { path: file, line: index + 1, column: 1, message: "is nested too deeply", allowed: "at most 40 levels" },
      ];
    }
  }
  return [];
}

/** Characters that YAML forbids; Pulumi's reader refuses them, ours would not. */
function controlProblems(text: string, file: string): ConfigProblem[] {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  const found = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/.exec(text);
  if (!found) return [];
  const before = text.slice(0, found.index).split("\n");
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return [
    {
      path: file,
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
      message: `there is a control character, U+${code}`,
      allowed: "printable text",
    },
  ];
}
