import type { Style } from "../../preview/style";
import type { Outcome } from "./ask";
import type { Row } from "./finding";

const WORDS: Record<Outcome["verdict"], string> = {
  green: "green",
  info: "info",
  red: "red",
  noData: "no data",
  nan: "not a number",
  partial: "partial answer",
  unreachable: "unreachable",
  unauthorized: "not allowed",
  rateLimited: "too many requests",
  unsupported: "not served",
  refused: "refused",
  unreadable: "unreadable",
};

/** The word for a verdict, in its colour. */
export function verdictText(verdict: Outcome["verdict"], paint: Style): string {
  const word = WORDS[verdict];
  if (verdict === "green") return paint.green(word);
  if (verdict === "info") return paint.cyan(word);
  return verdict === "noData" || verdict === "partial" ? paint.yellow(word) : paint.red(word);
}

/** An outcome for people: verdict and reason first, then a table. */
export function formatOutcome(outcome: Outcome, paint: Style): string {
  const { verdict, reason, question, expected, next, rows, warnings } = outcome;
  return [
    paint.bold(question),
    `${verdictText(verdict, paint)}  ${reason}`,
    ...(expected === undefined || verdict === "green" ? [] : [paint.dim(`expected: ${expected}`)]),
    ...(next === undefined ? [] : [paint.dim(`next: ${next}`)]),
    ...(rows.length === 0 ? [] : ["", ...table(rows).map((line) => `  ${line}`)]),
    ...(warnings.length === 0 || verdict === "partial"
      ? []
      : ["", ...warnings.map((text) => paint.yellow(`warning: ${text}`))]),
    "",
  ].join("\n");
}

/** Rows in columns: name, labels, value to the right. */
function table(rows: readonly Row[]): string[] {
  const cells = rows.map(({ name, labels, value }) => [name, labelsText(labels), valueText(value)] as const);
  const width = (column: 0 | 1 | 2): number => Math.max(...cells.map((row) => row[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  return cells.map(([name, labels, value]) =>
    [name.padEnd(first), ...(second === 0 ? [] : [labels.padEnd(second)]), value.padStart(third)].join("  "),
  );
}

function labelsText(labels: Row["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(" ");
}

function valueText(value: Row["value"]): string {
  if (value === undefined) return "no data";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "∞");
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}

/** An outcome for machines; JSON has no NaN and no infinity, so that those are words. */
export function outcomeJson(outcome: Outcome): string {
  const value = (_: string, item: unknown): unknown =>
    typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  const rows = outcome.rows.map((row) => ({ ...row, value: row.value ?? null }));
  return JSON.stringify({ ...outcome, rows }, value, 2);
}
