import { formatFindings } from "../format-findings";
import { fieldLines } from "../format-difference";
import { impactOf, type Impact, type ResourceImpact } from "../impact";
import type { Style } from "../style";
import { wrapped } from "../wrap";
import type { StackDiff } from "./diff";
import { liveSections, ownerText, type ChangedBy } from "./live";
import { printable, reasonsOf, rolloutText, sectionsOf, statsOf, titleOf } from "./sections";

/** Comparisons for people at a terminal, the gravest first. Ends in a newline. */
export function formatDiff(
  diffs: readonly StackDiff[],
  style: Style,
  { width = 100 }: { width?: number } = {},
): string {
  return printable([...diffs])
    .map((diff) => diffLines(diff, style, width))
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

function diffLines({ stack, report, notes, problem, live }: StackDiff, style: Style, width: number): string[] {
  const said = notes.flatMap((note) => item("note:", note, width).map(style.dim));
  if (!report)
    return [style.bold(stack), ...said, ...(problem ?? "").split("\n").map((line) => style.red(`  ${line}`))];
  const sides = style.dim(`  ${report.before} → ${report.after}`);
  const unseen = (report.unseen ?? []).flatMap((text) => item("unseen:", text, width).map(style.dim));
  const others = (live ? liveSections(live) : []).flatMap(([title, lines]) => [
    "",
    `  ${style.bold(title)}`,
    ...lines.flatMap((line) => item("·", line, width)),
  ]);
  if (report.resources.length === 0) {
    return [`${style.bold(stack)}${sides}`, ...said, ...unseen, "  no difference", ...others];
  }
  const { counts, text } = statsOf(report);
  const [added, changed, removed] = counts;
  const findings =
    report.findings.length === 0
      ? []
      : [
          "",
          ...formatFindings(report.findings, style, { width: width - 2 })
            .trimEnd()
            .split("\n"),
        ];
  return [
    `${style.bold(stack)}${sides}`,
    `  ${style.green(`+${added}`)} ${style.yellow(`~${changed}`)} ${style.red(`-${removed}`)}  ${text}`,
    ...said,
    ...unseen,
    ...sectionsOf(report).flatMap((section) => [
      "",
      `  ${style.bold(section.title)}`,
      ...section.resources.flatMap((resource) => resourceLines(resource, live?.changedBy ?? [], style, width)),
    ]),
    ...others,
    ...findings.map((line) => (line === "" ? "" : `  ${line}`)),
  ];
}

const SIGNS = { added: "+", removed: "-", changed: "~", same: "↻" } as const;

function resourceLines(
  resource: ResourceImpact,
  changedBy: readonly ChangedBy[],
  style: Style,
  width: number,
): string[] {
  const { change, effects, rollout, fields, edits } = resource;
  const paint = paintOf(impactOf(resource), style);
  const isPlain = change === "added" && effects.length === 1;
  return [
    `  ${paint(SIGNS[change])} ${titleOf(resource)}${edits === undefined ? "" : style.dim(`  by ${edits.join(", ")}`)}`,
    ...(isPlain
      ? []
      : reasonsOf(effects).flatMap((reason) => wrapped(reason, width - 6).map((line) => `      ${line}`))),
    ...(rollout ? [`      ${style.dim(rolloutText(rollout))}`] : []),
    ...fields.flatMap((field) => fieldLines(field, style, width - 2).map((line) => `  ${line}`)),
    ...changedBy
      .filter((by) => by.resource === resource.urn)
      .flatMap((by) =>
        wrapped(`set by ${ownerText(by)}: ${by.fields.join(", ")}`, width - 6).map(
          (line) => `      ${style.cyan(line)}`,
        ),
      ),
  ];
}

function paintOf(impact: Impact, style: Style): (text: string) => string {
  if (impact === "data-at-risk" || impact === "refused" || impact === "replace" || impact === "delete")
    return style.red;
  return impact === "create" ? style.green : style.yellow;
}

function item(mark: string, text: string, width: number): string[] {
  const indent = " ".repeat(mark.length + 3);
  return wrapped(text, width - indent.length).map((line, index) => (index === 0 ? `  ${mark} ${line}` : indent + line));
}
