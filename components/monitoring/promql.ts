import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** A part of an expression: from one character to before another, counted from 0. */
export interface Span {
  from: number;
  to: number;
}

/** Something that is wrong with an expression, and where. */
export interface PromqlProblem extends Span {
  message: string;
}

/** `label="value"` within a selector. */
export interface Matcher extends Span {
  label: string;
  operator: "=" | "!=" | "=~" | "!~";
  value: string;
}

/** `metric{label="value"}`. */
export interface Selector extends Span {
  /** Name of the metric; undefined where only labels select. */
  metric: string | undefined;
  matchers: readonly Matcher[];
  /** Where another matcher can be written: at the closing brace, or after the name. */
  open: { at: number; braces: boolean };
}

/** A label that a `by`, `without`, `on`, `ignoring` or `group_left` names. */
export interface GroupingLabel extends Span {
  label: string;
}

/** An expression as far as rules are checked. */
export interface Promql {
  selectors: readonly Selector[];
  groupings: readonly GroupingLabel[];
  /** What is no PromQL at all; the rest is then not worth reading. */
  problems: readonly PromqlProblem[];
}

/** Reads an expression with Prometheus' own grammar for editors. */
export function readPromql(text: string): Promql {
  const selectors: Selector[] = [];
  const groupings: GroupingLabel[] = [];
  const problems: PromqlProblem[] = [];
  const errors: PromqlProblem[] = [];
  parser.parse(text).iterate({
    enter: ({ node }) => {
      if (node.type.isError) errors.push(syntaxError(text, node));
      else if (node.name === "VectorSelector") selectors.push(selectorOf(text, node));
      else if (node.name === "LabelName" && node.parent?.name === "GroupingLabels") {
        groupings.push({ label: textOf(text, node), from: node.from, to: node.to });
      } else if (node.name === "FunctionCall") problems.push(...withoutRange(text, node));
      else if (RANGES.includes(node.name)) problems.push(...strayRange(text, node));
    },
  });
  // After the first error the parser only guesses.
  return { selectors, groupings, problems: errors.length > 0 ? errors.slice(0, 1) : problems };
}

/** Line and column of a character, from 1. */
export function positionOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function syntaxError(text: string, { from, to }: SyntaxNode): PromqlProblem {
  if (text.trim() === "") return { message: "is empty", from, to };
  const called = text[from] === "(" ? /[a-zA-Z_]\w*$/.exec(text.slice(0, from)) : null;
  if (called) return { message: `is no PromQL: ${called[0]} is no function`, from: called.index, to: from };
  const rest = text.slice(from).trimStart();
  const found = rest === "" ? "it ends" : `there is ${JSON.stringify(firstWord(rest))}`;
  return { message: `is no PromQL: ${found} where something else must stand`, from, to };
}

function firstWord(text: string): string {
  return /^(\w+|"[^"]*"|.)/s.exec(text)?.[0] ?? text;
}

function selectorOf(text: string, node: SyntaxNode): Selector {
  const name = node.getChild("Identifier") ?? node.getChild("QuotedLabelName");
  const braces = node.getChild("LabelMatchers");
  const matchers = (braces?.getChildren("UnquotedLabelMatcher") ?? []).map((each) => matcherOf(text, each));
  const nameMatcher = matchers.find(({ label, operator }) => label === "__name__" && operator === "=");
  return {
    metric: name ? textOf(text, name) : nameMatcher?.value,
    matchers: matchers.filter((each) => each !== nameMatcher),
    open: braces ? { at: braces.to - 1, braces: true } : { at: node.to, braces: false },
    from: node.from,
    to: node.to,
  };
}

function matcherOf(text: string, node: SyntaxNode): Matcher {
  const [label, operator, value] = ["LabelName", "MatchOp", "StringLiteral"].map((name) => {
    const child = node.getChild(name);
    return child ? textOf(text, child) : "";
  });
  return {
    label: label ?? "",
    operator: operator as Matcher["operator"],
    value: unquoted(value ?? ""),
    from: node.from,
    to: node.to,
  };
}

/** The value of a string literal, whose escapes are those of Go; of a raw one there are none. */
function unquoted(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`")) return inner;
  return inner.replace(/\\(.)/g, (_, escaped: string) => ({ n: "\n", t: "\t", r: "\r" })[escaped] ?? escaped);
}

/** Functions of a range vector, by what their names end or are. */
const OF_RANGE =
  /_over_time$|^(rate|irate|increase|delta|idelta|deriv|changes|resets|predict_linear|holt_winters|double_exponential_smoothing)$/;

const RANGES = ["MatrixSelector", "SubqueryExpr"];
/** What a range stays a range in. */
const AROUND = ["ParenExpr", "OffsetExpr", "StepInvariantExpr"];

/** A function of ranges that is given none. */
function withoutRange(text: string, call: SyntaxNode): PromqlProblem[] {
  const [name, body] = [call.getChild("FunctionIdentifier"), call.getChild("FunctionCallBody")];
  if (!name || !body) return [];
  const called = textOf(text, name);
  if (!OF_RANGE.test(called) || childrenOf(body).some(isRange)) return [];
  return [{ message: `${called}() wants a range such as metric[5m]`, from: body.from, to: body.to }];
}

/** A range that no function of ranges takes. */
function strayRange(text: string, range: SyntaxNode): PromqlProblem[] {
  let outer = range.parent;
  while (outer && AROUND.includes(outer.name)) outer = outer.parent;
  const name = outer?.name === "FunctionCallBody" ? outer.parent?.getChild("FunctionIdentifier") : undefined;
  if (name && OF_RANGE.test(textOf(text, name))) return [];
  const taker = name ? `${textOf(text, name)}() does not take` : "nothing here takes";
  return [{ message: `${taker} a range`, from: range.from, to: range.to }];
}

function isRange(node: SyntaxNode): boolean {
  if (RANGES.includes(node.name)) return true;
  return AROUND.includes(node.name) && node.firstChild !== null && isRange(node.firstChild);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function textOf(text: string, { from, to }: Span): string {
  return text.slice(from, to);
}
