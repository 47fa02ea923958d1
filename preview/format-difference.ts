import { counted } from "./amounts";
import { isSame, type Difference, type ResourceChange } from "./difference";
import type { FieldChange } from "./field-changes";
import type { Json } from "./graph";
import { differenceLines, hunks } from "./line-difference";
import type { Style } from "./style";

/** Changed lines of one text that are shown; more are only counted. */
const MOST_LINES = 12;
const FIELD_INDENT = "    ";
const VALUE_INDENT = "      ";

/** Where a difference is shown. */
export interface DifferenceOptions {
  /** Columns; 100 by default. */
  width?: number;
}

/**
 * A difference for people: `+added ~changed -removed` first, then a line for each resource, removals on top, and below
 * it the fields that changed, old → new. Ends in a newline.
 */
export function formatDifference(difference: Difference, style: Style, options: DifferenceOptions = {}): string {
  if (isSame(difference)) return "no difference\n";
  const width = options.width ?? 100;
  const { added, removed, changed } = difference;
  const lines = [
    `${style.green(`+${added.length}`)} ${style.yellow(`~${changed.length}`)} ${style.red(`-${removed.length}`)}`,
    ...removed.map((change) => `${style.red("-")} ${resourceText(change, style)}`),
    ...changed.flatMap((change) => [
      `${style.yellow("~")} ${resourceText(change, style)}`,
      ...change.fields.flatMap((field) => fieldLines(field, style, width)),
    ]),
    ...added.map((change) => `${style.green("+")} ${resourceText(change, style)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function resourceText({ kind, name }: ResourceChange, style: Style): string {
  return `${kind} ${style.bold(name)}`;
}

/** Lines below a resource that tell of one field. */
export function fieldLines({ path, before, after }: FieldChange, style: Style, width: number): string[] {
  const head = `${FIELD_INDENT}${path}`;
  if (typeof before === "string" && typeof after === "string" && (before + after).includes("\n")) {
    return [head, ...textLines(before, after, style, width)];
  }
  const old = before === undefined ? undefined : valueText(before);
  const now = after === undefined ? undefined : valueText(after);
  const arrow = [old, now].filter((text) => text !== undefined).join(" → ");
  if (old !== undefined && now !== undefined && `${head}  ${arrow}`.length <= width) {
    return [`${head}  ${style.red(old)} → ${style.green(now)}`];
  }
  const room = width - VALUE_INDENT.length - 2;
  const sides = [
    ...(old === undefined ? [] : [style.red(`- ${shorten(old, room)}`)]),
    ...(now === undefined ? [] : [style.green(`+ ${shorten(now, room)}`)]),
  ];
  if (sides.length === 1 && `${head}  + ${arrow}`.length <= width) return [`${head}  ${sides[0] ?? ""}`];
  return [head, ...sides.map((side) => VALUE_INDENT + side)];
}

function textLines(before: string, after: string, style: Style, width: number): string[] {
  const lines = differenceLines(before, after);
  const count = (sign: string): number => lines.filter((line) => line.sign === sign).length;
  const shown = hunks(lines, 1);
  const body = shown.slice(0, MOST_LINES).map((line) => {
    if (!line) return VALUE_INDENT + style.dim("⋮");
    const text = `${line.sign} ${shorten(line.text, width - VALUE_INDENT.length - 2)}`.trimEnd();
    return (
      VALUE_INDENT + (line.sign === "+" ? style.green(text) : line.sign === "-" ? style.red(text) : style.dim(text))
    );
  });
  if (shown.length <= MOST_LINES) return body;
  const total = `${counted(count("+"), "line")} added, ${count("-")} removed in all`;
  return [...body, VALUE_INDENT + style.dim(`⋮ ${total}`)];
}

/** A value on one line. */
export function valueText(value: Json): string {
  if (typeof value === "string")
    return value === "" || value !== value.trim() || value.includes("\n") ? JSON.stringify(value) : value;
  return JSON.stringify(value);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}
