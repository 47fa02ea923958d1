import { bytesText, counted, cpuText } from "./amounts";
import { isSame } from "./difference";
import { shortImage } from "./facts";
import { formatDifference } from "./format-difference";
import { formatFindings } from "./format-findings";
import type { Style } from "./style";
import type { Totals } from "./totals";
import { formatTree } from "./tree";
import type { Comparison, View } from "./view";
import { wrapped } from "./wrap";

/** Before every line of a section. */
const INDENT = "  ";

/** How a preview is laid out. */
export interface FormatOptions {
  /** Columns; 100 by default. */
  width?: number;
}

/** The whole preview for people: tree, totals, findings, difference. Ends in a newline. */
export function formatView(view: View, style: Style, options: FormatOptions = {}): string {
  const width = options.width ?? 100;
  const { graph, profile, totals, findings, comparison } = view;
  const parts = [
    `${style.bold(`${graph.project} ${graph.stack}`)}${style.dim(`  profile ${profile}, rendered offline`)}\n`,
    formatTree(graph, style, { width }),
    section("Totals", formatTotals(totals, style, width - INDENT.length), style),
    section("Checks", formatFindings(findings, style, { width: width - INDENT.length }), style),
    comparisonText(comparison, style, width),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function formatTotals(totals: Totals, style: Style, width: number): string {
  const { objects, components, pods, containers, jobs, cpu, memory, storage, images, unlimited } = totals;
  const row = (label: string, requested: string, limited: string): string =>
    `${style.dim(label.padEnd(8))} ${requested.padStart(8)} requested ${limited.padStart(8)} limited`;
  const lines = [
    [
      `${counted(objects, "object")} in ${counted(components, "component")}`,
      `${counted(pods, "pod")} with ${counted(containers, "container")}`,
      ...(jobs > 0 ? [counted(jobs, "job")] : []),
    ].join(", "),
    row("CPU", cpuText(cpu.requested), cpuText(cpu.limited)),
    row("memory", bytesText(memory.requested), bytesText(memory.limited)),
    ...(unlimited > 0 ? [`${" ".repeat(9)}${counted(unlimited, "container")} without a limit`] : []),
    `${style.dim("storage ")} ${bytesText(storage).padStart(8)}`,
    ...wrapped(images.map(shortImage).sort().join("  "), width - 9, "  ").map(
      (line, index) => `${style.dim((index === 0 ? "images" : "").padEnd(8))} ${line}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function comparisonText(comparison: Comparison, style: Style, width: number): string {
  if (comparison.kind === "off") return "";
  if (comparison.kind === "missing") return style.dim(`nothing to compare with: there is no ${comparison.with}`) + "\n";
  if (isSame(comparison.difference)) return `${style.green("✓")} same as ${comparison.with}\n`;
  const text = formatDifference(comparison.difference, style, { width: width - INDENT.length });
  return section(`Compared with ${comparison.with}`, text, style);
}

/** A heading, and its text indented below. */
function section(heading: string, text: string, style: Style): string {
  return `${style.bold(heading)}\n${text.replace(/^(?=.)/gm, INDENT)}`;
}
