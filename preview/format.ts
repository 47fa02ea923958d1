import { bytesText, counted, cpuText } from "./amounts";
import { CHECKS, countOf, type Finding, type Severity } from "./checks";
import { isSame } from "./difference";
import { shortImage } from "./facts";
import { formatDifference } from "./format-difference";
import { manifestOf, type Json, type ResourceGraph } from "./graph";
import type { Style } from "./style";
import type { Totals } from "./totals";
import { formatTree } from "./tree";
import type { Comparison, View } from "./view";
import { wrapped } from "./wrap";
import { toYamlText } from "./yaml-text";

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
    section("Totals", formatTotals(totals, style, width), style),
    section("Checks", formatFindings(findings, style, { width }), style),
    comparisonText(comparison, style, width),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** Findings for people, errors first; a line of its own when there are none. Ends in a newline. */
export function formatFindings(findings: Finding[], style: Style, options: FormatOptions = {}): string {
  const width = options.width ?? 100;
  if (findings.length === 0) return `${style.green("✓")} ${counted(CHECKS.length, "rule")}, no findings\n`;
  const counts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = countOf(findings, severity);
    return count === 0
      ? []
      : [paint(severity, style)(severity === "info" ? `${count} info` : counted(count, severity))];
  });
  const lines = findings.flatMap((finding) => {
    const { severity, rule, resource, message, fix } = finding;
    return [
      `${paint(severity, style)(`${MARKS[severity]} ${severity}`)}  ${rule}  ${style.bold(resourceTitle(resource))}`,
      ...wrapped(message, width - 4).map((line) => `    ${line}`),
      ...wrapped(fix, width - 6).map((line, index) => style.dim(`    ${index === 0 ? "→" : " "} ${line}`)),
    ];
  });
  return [counts.join(", "), ...lines].map((line) => `${line}\n`).join("");
}

const MARKS: Record<Severity, string> = { error: "✗", warning: "!", info: "·" };

function paint(severity: Severity, style: Style): (text: string) => string {
  return { error: style.red, warning: style.yellow, info: style.cyan }[severity];
}

/** A finding's resource for people: kind and name of a URN, a key of the stack file as it is. */
function resourceTitle(resource: string): string {
  if (!resource.startsWith("urn:")) return resource;
  const [, , types = "", name = ""] = resource.split("::");
  return `${types.slice(types.lastIndexOf(":") + 1)} ${name}`;
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
    ...wrapped(images.map(shortImage).sort().join("  "), width - 11, "  ").map(
      (line, index) => `${style.dim((index === 0 ? "images" : "").padEnd(8))} ${line}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function comparisonText(comparison: Comparison, style: Style, width: number): string {
  if (comparison.kind === "off") return "";
  if (comparison.kind === "missing") return style.dim(`nothing to compare with: there is no ${comparison.with}`) + "\n";
  if (isSame(comparison.difference)) return `${style.green("✓")} same as ${comparison.with}\n`;
  const text = formatDifference(comparison.difference, style, { width: width - 2 });
  return section(`Compared with ${comparison.with}`, text, style);
}

/** A heading, and its text indented below. */
function section(heading: string, text: string, style: Style): string {
  return `${style.bold(heading)}\n${text.replace(/^(?=.)/gm, "  ")}`;
}

/** What `--format json` prints. */
export interface PreviewJson {
  stack: string;
  profile: string;
  resources: {
    urn: string;
    type: string;
    parent: string | null;
    dependencies: string[];
    protect: boolean;
    /** The Kubernetes object; the inputs of anything else; null for components. */
    manifest: Json;
  }[];
  findings: Finding[];
  totals: Totals;
  /** Null when nothing was compared. */
  difference: { with: string; added: string[]; removed: string[]; changed: string[] } | null;
}

/** A preview as data, complete and stable: the public format of `preview --format json`. */
export function toJson({ graph, profile, findings, totals, comparison }: View): PreviewJson {
  return {
    stack: graph.stack,
    profile,
    resources: graph.resources.map(({ urn, type, parent, dependencies, protect, custom, inputs }) => ({
      urn,
      type,
      parent: parent ?? null,
      dependencies,
      protect,
      manifest: custom ? inputs : null,
    })),
    findings,
    totals,
    difference:
      comparison.kind === "compared"
        ? {
            with: comparison.with,
            added: comparison.difference.added.map(({ path }) => path),
            removed: comparison.difference.removed.map(({ path }) => path),
            changed: comparison.difference.changed.map(({ path }) => path),
          }
        : null,
  };
}

/** All Kubernetes objects of a graph as one stream, in the order of the program. Resources of other clouds are not in it. */
export function toYaml(graph: ResourceGraph): string {
  return graph.resources
    .flatMap((resource) => (manifestOf(resource) ? `---\n${toYamlText(resource.inputs)}` : []))
    .join("");
}
