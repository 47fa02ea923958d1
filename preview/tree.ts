import { factsOf } from "./facts";
import type { ResourceGraph } from "./graph";
import { isRendered } from "./manifests";
import { branchesOf, type Branch } from "./structure";
import type { Style } from "./style";
import { workloadsOf, type Workload } from "./workloads";

/** Names longer than this push their own row's columns to the right instead of everyone's. */
const WIDEST_NAME = 40;
const GAP = "  ";

interface Row {
  /** Box-drawing characters before the name. */
  lead: string;
  /** The same on a continuation line. */
  continued: string;
  name: string;
  kind: string;
  component: boolean;
  facts: string[];
}

/**
 * Components and resources as a tree, with what matters beside each in aligned columns. Facts that do not fit beside
 * their resource go to the next line; only a single fact longer than that is cut.
 *
 * @param options.width Columns of the terminal; 100 by default, at least 60.
 */
export function formatTree(graph: ResourceGraph, style: Style, options: { width?: number } = {}): string {
  const width = Math.max(60, options.width ?? 100);
  const workloads = new Map(workloadsOf(graph).map((workload) => [workload.resource.urn, workload]));
  const rows: Row[] = [];
  for (const branch of branchesOf(graph)) addRows(branch, undefined, "", "", workloads, rows);
  const nameWidth = Math.min(WIDEST_NAME, longest(rows.map((row) => row.lead.length + row.name.length)));
  const kindWidth = longest(rows.filter((row) => !row.component).map((row) => row.kind.length));
  return rows.map((row) => formatRow(row, nameWidth, kindWidth, width, style)).join("");
}

function addRows(
  branch: Branch,
  parentNamespace: string | undefined,
  lead: string,
  indent: string,
  workloads: ReadonlyMap<string, Workload>,
  rows: Row[],
): void {
  const component = !isRendered(branch.resource);
  const { namespace } = branch;
  const elsewhere = namespace !== undefined && namespace !== parentNamespace;
  rows.push({
    lead,
    continued: indent + (branch.children.length > 0 ? "│" : ""),
    name: branch.name,
    kind: branch.kind,
    component,
    facts: [
      ...(component ? [] : factsOf(branch.resource, workloads.get(branch.resource.urn))),
      ...(elsewhere ? [`in ${namespace}`] : []),
    ],
  });
  branch.children.forEach((child, index) => {
    const last = index === branch.children.length - 1;
    addRows(child, namespace, `${indent}${last ? "└─ " : "├─ "}`, `${indent}${last ? "   " : "│  "}`, workloads, rows);
  });
}

function formatRow(row: Row, nameWidth: number, kindWidth: number, width: number, style: Style): string {
  const name = row.name.padEnd(Math.max(0, nameWidth - row.lead.length));
  const kind = row.kind.padEnd(kindWidth);
  const start = row.lead.length + name.length + GAP.length + kind.length + GAP.length;
  const [first = "", ...others] = wrap(row.facts, Math.max(20, width - start));
  const head = `${style.dim(row.lead)}${row.component ? style.bold(name) : name}${GAP}${style.dim(kind)}`;
  const continuation = style.dim(row.continued.padEnd(nameWidth + kindWidth + 2 * GAP.length));
  return [`${head}${GAP}${first}`, ...others.map((line) => continuation + line)]
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** Facts on as many lines as they need. */
function wrap(facts: string[], width: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const short = fact.length > width ? `${fact.slice(0, width - 1)}…` : fact;
    const line = lines.at(-1);
    if (line !== undefined && line.length + GAP.length + short.length <= width)
      lines[lines.length - 1] = line + GAP + short;
    else lines.push(short);
  }
  return lines;
}

function longest(lengths: number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
