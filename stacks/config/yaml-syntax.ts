import { isScalar, visit, type Document, type LineCounter, type YAMLError } from "yaml";
import type { ConfigProblem } from "./problem";

type Told = [message: string, allowed: string];

/** What each error of the YAML parser means to the writer. The parser's own texts quote the file, secrets included. */
const TOLD: Partial<Record<YAMLError["code"], Told>> = {
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
  BLOCK_AS_IMPLICIT_KEY: ["a line holds two keys", "one `key: value` a line; text with a colon in quotes"],
  BLOCK_IN_FLOW: ["an indented block stands inside brackets", "one style: brackets or indentation"],
  KEY_OVER_1024_CHARS: ["a key is too long", "at most 1024 characters"],
  MISSING_CHAR: ["a comma, colon or blank is missing", "`key: value`, with a blank, and commas between brackets"],
  MULTILINE_IMPLICIT_KEY: ["a key without a colon and a blank after it", "`key: value` on one line"],
  MULTIPLE_DOCS: ["a second document begins", "one document a file, without `---` in the middle"],
  RESOURCE_EXHAUSTION: ["the file is nested too deeply", "at most 40 levels"],
  TAB_AS_INDENT: ["a tab indents the line", "spaces"],
  TAG_RESOLVE_FAILED: ["a tag that is not understood", "values without tags; text that begins with ! in quotes"],
  UNEXPECTED_TOKEN: ["text that belongs to no key", "`key: value` lines, indented like their neighbours"],
};

const OTHERWISE: Told = ["this is not YAML", "`key: value` lines"];

/** The syntax errors of a file, one a line, in its order. */
export function syntaxProblems(document: Document, text: string, file: string, lines: LineCounter): ConfigProblem[] {
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const opening = openingOf(document, error);
    const { line, col: column } = lines.linePos(opening?.offset ?? error.pos[0]);
    const [message, allowed] = opening?.told ?? TOLD[error.code] ?? OTHERWISE;
    return { path: file, line, column, message, allowed };
  });
  const tabs = problems.length > 0 ? tabProblems(text, file) : [];
  // What follows a tab is mostly its consequence.
  const firstTab = tabs[0]?.line ?? Infinity;
  const all = [...tabs, ...problems.filter(({ line }) => line < firstTab)];
  const firstOfLine = new Map(all.map((problem) => [problem.line, problem] as const).reverse());
  return [...firstOfLine.values()].sort((one, other) => one.line - other.line);
}

/** For a quote or bracket that is never closed: where it opens, which the parser notices only at the end. */
function openingOf(document: Document, { message, pos }: YAMLError): { offset: number; told: Told } | undefined {
  const isQuote = /^Missing closing ["']quote/.test(message);
  if (!isQuote && !/^Flow (map|sequence) .*end with a/.test(message)) return undefined;
  let offset: number | undefined;
  visit(document, {
    Node: (_, node) => {
      const isOpener = isQuote
        ? isScalar(node) && node.type?.startsWith("QUOTE")
        : "flow" in node && node.flow === true;
      const [start = Infinity, end = 0] = node.range ?? [];
      if (isOpener && start <= pos[0] && end >= pos[0]) offset = start;
    },
  });
  if (offset === undefined) return undefined;
  const told: Told = isQuote
    ? ["the quote that opens here is not closed", "a closing quote of the same kind"]
    : [
        "the bracket that opens here is not closed",
        "a closing bracket, on a line indented like its neighbours or deeper",
      ];
  return { offset, told };
}

function tabProblems(text: string, file: string) {
  const [message, allowed] = TOLD.TAB_AS_INDENT ?? OTHERWISE;
  return text.split("\n").flatMap((line, index) => {
    const column = /^ *\t(?=\s*\S)/.exec(line)?.[0].length;
    return column === undefined ? [] : [{ path: file, line: index + 1, column, message, allowed }];
  });
}
