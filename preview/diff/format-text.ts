import { formatFindings } from "../format-findings";
import { fieldLines } from "../format-difference";
import { impactOf, type Impact, type ResourceImpact } from "../impact";
import type { Style } from "../style";
import { wrapped } from "../wrap";
import type { StackDiff } from "./diff";
import { liveSections, ownerText, type ChangedBy } from "./live";
import { printable, reasonsOf, rolloutText, sectionsOf, statsOf, titleOf, type Section } from "./sections";

/** Lines of a stack that are printed; a difference that is longer is folded. */
const MOST_LINES = 200;

/** How much is told. */
interface Detail {
  /** Resources of a section that is open, and of one that is folded away. */
  open: number;
  folded: number;
  /** Fields of a resource in a section that is open, and in one that is folded away. */
  openFields: number;
  foldedFields: number;
  findings: number;
}

const WHOLE: Detail = {
  open: Infinity,
  folded: Infinity,
  openFields: Infinity,
  foldedFields: Infinity,
  findings: Infinity,
};

/** A stack that is too long gets the first that fits, or the last. */
const DETAILS: Detail[] = [
  { open: 60, folded: 8, openFields: 5, foldedFields: 0, findings: 20 },
  { open: 20, folded: 5, openFields: 2, foldedFields: 0, findings: 10 },
  { open: 8, folded: 3, openFields: 0, foldedFields: 0, findings: 5 },
];

/** How a comparison is printed. */
export interface TextOptions {
  /** Columns; 100 by default. */
  width?: number;
  /** Whether all of it is printed, however long. Default: no. */
  full?: boolean;
}

/** Comparisons for people at a terminal, the gravest first. Ends in a newline. */
export function formatDiff(
  diffs: readonly StackDiff[],
  style: Style,
  { width = 100, full = false }: TextOptions = {},
): string {
  return printable([...diffs])
    .map((diff) => fittingLines(diff, style, width, full ? Infinity : MOST_LINES))
    .map((lines) => lines.map((line) => `${line}\n`).join(""))
    .join("\n");
}

function fittingLines(diff: StackDiff, style: Style, width: number, most: number): string[] {
  const whole = diffLines(diff, style, width, WHOLE);
  if (whole.length <= most) return whole;
  let lines: string[] = [];
  for (const detail of DETAILS) {
    lines = diffLines(diff, style, width, detail);
    if (lines.length <= most) break;
  }
  const hint = `folded, ${whole.length} lines in all: --full prints them, --report FILE keeps the whole report`;
  return [...lines, "", `  ${style.dim(hint)}`];
}

function diffLines(
  { stack, report, notes, problem, live }: StackDiff,
  style: Style,
  width: number,
  detail: Detail,
): string[] {
  const said = notes.flatMap((note) => item("note:", note, width).map(style.dim));
  if (!report)
    return [style.bold(stack), ...said, ...(problem ?? "").split("\n").map((line) => style.red(`  ${line}`))];
  const sides = style.dim(`  ${report.before} → ${report.after}`);
  const unseen = (report.unseen ?? []).flatMap((text) => item("unseen:", text, width).map(style.dim));
  const others = (live ? liveSections(live) : []).flatMap(([title, lines]) => [
    "",
    `  ${style.bold(title)}`,
    ...cut(lines, detail.open).flatMap((line) => item("·", line, width)),
    ...moreLines(lines.length - detail.open, "", style),
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
          ...formatFindings(cut(report.findings, detail.findings), style, { width: width - 2 })
            .trimEnd()
            .split("\n"),
        ];
  return [
    `${style.bold(stack)}${sides}`,
    `  ${style.green(`+${added}`)} ${style.yellow(`~${changed}`)} ${style.red(`-${removed}`)}  ${text}`,
    ...said,
    ...unseen,
    ...sectionsOf(report).flatMap((section) => sectionLines(section, live?.changedBy ?? [], style, width, detail)),
    ...others,
    ...findings.map((line) => (line === "" ? "" : `  ${line}`)),
    ...moreLines(report.findings.length - detail.findings, " findings", style),
  ];
}

function sectionLines(
  { title, open, resources }: Section,
  changedBy: readonly ChangedBy[],
  style: Style,
  width: number,
  detail: Detail,
): string[] {
  const most = open ? detail.open : detail.folded;
  const fields = open ? detail.openFields : detail.foldedFields;
  const left = resources.slice(most);
  return [
    "",
    `  ${style.bold(left.length === 0 ? title : `${title} (${resources.length})`)}`,
    ...cut(resources, most).flatMap((resource) => resourceLines(resource, changedBy, style, width, fields)),
    ...moreLines(left.length, `: ${kindsText(left)}`, style),
  ];
}

function cut<T>(items: readonly T[], most: number): T[] {
  return items.slice(0, most);
}

function moreLines(left: number, what: string, style: Style): string[] {
  return left > 0 ? [`  ${style.dim(`… and ${left} more${what}`)}`] : [];
}

/** `270 Deployment, 12 ConfigMap`. */
function kindsText(resources: readonly ResourceImpact[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of resources) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

const SIGNS = { added: "+", removed: "-", changed: "~", same: "↻" } as const;

function resourceLines(
  resource: ResourceImpact,
  changedBy: readonly ChangedBy[],
  style: Style,
  width: number,
  mostFields: number,
): string[] {
  const { change, effects, rollout, fields, edits } = resource;
  const paint = paintOf(impactOf(resource), style);
  const isPlain = change === "added" && effects.length === 1;
  const left = fields.length - mostFields;
  return [
    `  ${paint(SIGNS[change])} ${titleOf(resource)}${edits === undefined ? "" : style.dim(`  by ${edits.join(", ")}`)}`,
    ...(isPlain
      ? []
      : reasonsOf(effects).flatMap((reason) => wrapped(reason, width - 6).map((line) => `      ${line}`))),
    ...(rollout ? [`      ${style.dim(rolloutText(rollout))}`] : []),
    ...cut(fields, mostFields).flatMap((field) => fieldLines(field, style, width - 2).map((line) => `  ${line}`)),
    ...(mostFields > 0 && left > 0 ? [`      ${style.dim(`… and ${left} more fields`)}`] : []),
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
