import { LineCounter, parseDocument, type Document, type YAMLError } from "yaml";
import type { Entry } from "./entry";
import { ConfigError, type ConfigProblem } from "./problem";
import { yamlEntries } from "./yaml-entries";

/** What each error of the YAML parser means to the writer. The parser's own texts quote the file, secrets included. */
const SYNTAX: Partial<Record<YAMLError["code"], [message: string, allowed: string]>> = {
  ALIAS_PROPS: ["an alias has an anchor or a tag", "an alias alone, such as *defaults"],
  BAD_ALIAS: [
    "an anchor or alias has no valid name",
    "a name such as &defaults; text that begins with & or * in quotes",
  ],
  BAD_COLLECTION_TYPE: ["a tag does not fit its value", "values without tags"],
  BAD_DIRECTIVE: ["a directive that is not understood", "no line that begins with %"],
  BAD_DQ_ESCAPE: ["an unknown escape in double quotes", "escapes such as \\n or \\\\, or single quotes"],
  BAD_INDENT: ["the indentation does not fit the lines above", "spaces, as many as the neighbours have"],
  BAD_SCALAR_START: ["text begins with a character that YAML reserves", "such text in quotes"],
  BLOCK_AS_IMPLICIT_KEY: ["a line holds two keys", "one `key: value` a line"],
  BLOCK_IN_FLOW: ["an indented block stands inside brackets", "one style: brackets or indentation"],
  DUPLICATE_KEY: ["a key is given twice", "each key once"],
  KEY_OVER_1024_CHARS: ["a key is too long", "at most 1024 characters"],
  MISSING_CHAR: [
    "a character is missing: a quote, bracket, comma, colon or space",
    "`key: value` with closed quotes and brackets",
  ],
  MULTILINE_IMPLICIT_KEY: ["a key goes over several lines, or its colon is missing", "`key: value` on one line"],
  MULTIPLE_DOCS: ["a second document begins", "one document a file, without `---` in the middle"],
  RESOURCE_EXHAUSTION: ["the file is nested too deeply", "at most 40 levels"],
  TAB_AS_INDENT: ["a tab indents the line", "spaces"],
  TAG_RESOLVE_FAILED: ["a tag that is not understood", "values without tags; text that begins with ! in quotes"],
};

/**
 * Reads the YAML of a stack file, as Pulumi reads it: YAML 1.2 core with merge keys.
 *
 * @param text The file's text.
 * @param file Its name, for messages.
 * @returns The file's content, and problems beside which the content can still be checked.
 * @throws ConfigError with every syntax error when it is no YAML.
 */
export function parseYaml(text: string, file: string): { root: Entry; problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const document = parse(text, file, lines);
  const problems = syntaxProblems(document, text, file, lines);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return yamlEntries(document, lines);
}

function parse(text: string, file: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, {
      lineCounter,
      version: "1.2",
      merge: true,
      // Reported by us, with the path and the first line.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
  } catch (error) {
    // The parser recurses; only nesting of thousands of levels gets here.
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(file, [{ path: file, message: "is nested too deeply", allowed: "at most 40 levels" }]);
  }
}

function syntaxProblems(document: Document, text: string, file: string, lines: LineCounter): ConfigProblem[] {
  const errors = [...document.errors, ...document.warnings].map((error) => {
    const { line, col: column } = lines.linePos(error.pos[0]);
    const [message, allowed] = SYNTAX[error.code] ?? ["this is not YAML", "`key: value` lines"];
    return { path: file, line, column, message, allowed };
  });
  const tabs = errors.length > 0 ? tabProblems(text, file) : [];
  // What follows a tab is mostly its consequence.
  const firstTab = tabs[0]?.line ?? Infinity;
  const perLine = new Map(
    [...errors.filter(({ line }) => line < firstTab), ...tabs].map((problem) => [problem.line, problem]),
  );
  return [...perLine.values()].sort((one, other) => one.line - other.line);
}

function tabProblems(text: string, file: string) {
  const [message, allowed] = SYNTAX.TAB_AS_INDENT ?? ["", ""];
  return text.split("\n").flatMap((line, index) => {
    const column = /^ *\t(?=\s*\S)/.exec(line)?.[0].length;
    return column === undefined ? [] : [{ path: file, line: index + 1, column, message, allowed }];
  });
}
