import { stringify } from "yaml";
import { formatFindings } from "../../preview/format-findings";
import { differenceLines, hunks } from "../../preview/line-difference";
import type { Style } from "../../preview/style";
import type { Effective } from "./effective";
import { formatEffect } from "./effect";
import type { PlannedEdit } from "./plan";

/** Lines shown around a change of a file. */
const CONTEXT = 2;

/** A setting's value: text as it is, groups and lists as YAML. Ends in a newline. */
export function formatValue({ value }: Effective): string {
  return typeof value === "string" ? `${value}\n` : stringify(value ?? null, { lineWidth: 0 });
}

/** What an edit does: to the file, to what runs, and what would be wrong afterwards. */
export function formatPlan(before: string, { text, diff, errors }: PlannedEdit, paint: Style): string {
  const lines = hunks(differenceLines(before.trimEnd(), text.trimEnd()), CONTEXT).map((line) => {
    if (!line) return paint.dim("⋮");
    const shown = `${line.sign} ${line.text}`.trimEnd();
    return line.sign === "+" ? paint.green(shown) : line.sign === "-" ? paint.red(shown) : paint.dim(shown);
  });
  const effect = formatEffect({ diff, errors }, paint);
  const wrong = errors.length === 0 ? "" : `\n${formatFindings(errors, paint)}`;
  return `${lines.map((line) => `${line}\n`).join("")}\n${effect}${wrong}`;
}
