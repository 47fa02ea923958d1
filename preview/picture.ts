import { bytesText, counted, cpuText } from "./amounts";
import { CHECKS, countOf, type Finding } from "./checks";
import { POLICIES } from "./policies";
import { drawing } from "./drawing";
import { isRendered } from "./manifests";
import { badgeWidth, componentBox, looseBox, type Box, type Layout } from "./picture-boxes";
import { FAMILIES, familyOf, sansWidth, type Family } from "./picture-style";
import { branchesOf, type Branch } from "./structure";
import { element, text } from "./svg";
import type { View } from "./view";
import { workloadsOf } from "./workloads";

const WIDTH = 1200;
const MARGIN = 28;
const GAP = 18;
const HEADER = 120;
const FOOTER = 62;
const MOST_BADGE = 150;

/**
 * A preview as a self-contained SVG document: a card for each component with its resources, totals on top. It uses the
 * fonts of the reader's system and follows light and dark mode; names are never wider than their card.
 */
export function previewPicture(view: View): string {
  const branches = branchesOf(view.graph);
  const layout = layoutOf(view, branches);
  const { markup, height } = columns(boxesOf(branches, layout));
  const total = HEADER + height + FOOTER;
  return drawing(
    { id: "preview", title: titleOf(view), description: descriptionOf(view, branches), width: WIDTH, height: total },
    [header(view), markup, legend(familiesOf(branches), total - MARGIN + 2)],
  );
}

function layoutOf({ graph }: View, branches: Branch[]): Layout {
  const widest = kindsOf(branches).reduce((most, kind) => Math.max(most, badgeWidth(kind)), 0);
  return {
    badges: Math.min(MOST_BADGE, widest),
    workloads: new Map(workloadsOf(graph).map((workload) => [workload.resource.urn, workload])),
  };
}

function kindsOf(branches: Branch[]): string[] {
  return branches.flatMap((branch) => [
    ...(isRendered(branch.resource) ? [branch.kind] : []),
    ...kindsOf(branch.children),
  ]);
}

function familiesOf(branches: Branch[]): Family[] {
  const present = new Set(kindsOf(branches).map(familyOf));
  return (Object.keys(FAMILIES) as Family[]).filter((family) => present.has(family));
}

function boxesOf(branches: Branch[], layout: Layout): Box[] {
  const width = (WIDTH - 2 * MARGIN - GAP) / 2;
  const loose = branches.filter((branch) => isRendered(branch.resource));
  const components = branches.filter((branch) => !isRendered(branch.resource));
  return [
    ...(loose.length > 0 ? [looseBox(loose, width, layout)] : []),
    ...components.map((branch) => componentBox(branch, width, layout)),
  ];
}

/** Two columns read one after the other, parted where the longer one is shortest. */
function columns(boxes: Box[]): { markup: string; height: number } {
  const width = (WIDTH - 2 * MARGIN - GAP) / 2;
  const total = stackHeight(boxes);
  let first = 0;
  let split = 0;
  let height = total;
  boxes.forEach((item, index) => {
    first += item.height + GAP;
    const longer = Math.max(first - GAP, total - first);
    if (longer < height) {
      height = longer;
      split = index + 1;
    }
  });
  // Without a split that helps, everything stands in the first column.
  const left = split === 0 ? boxes : boxes.slice(0, split);
  return { markup: column(left, MARGIN) + column(boxes.slice(left.length), MARGIN + width + GAP), height };
}

function stackHeight(boxes: Box[]): number {
  return boxes.reduce((sum, item) => sum + item.height + GAP, boxes.length === 0 ? 0 : -GAP);
}

function column(boxes: Box[], x: number): string {
  let top = HEADER;
  return boxes
    .map((item) => {
      const markup = item.draw(x, top);
      top += item.height + GAP;
      return `${markup}\n`;
    })
    .join("");
}

function titleOf({ graph, profile }: View): string {
  return `Preview of ${graph.project} ${graph.stack} (profile ${profile})`;
}

function descriptionOf({ totals }: View, branches: Branch[]): string {
  const names = branches.map(({ name }) => name).slice(0, 20);
  const more = branches.length > names.length ? ` and ${branches.length - names.length} more` : "";
  return `${counted(totals.objects, "object")} in ${counted(totals.components, "component")}: ${names.join(", ")}${more}.`;
}

function header(view: View): string {
  const { graph, profile } = view;
  const name =
    text(`${graph.project} ${graph.stack}`, MARGIN, 58, "h1 ink") +
    text(`profile ${profile}, rendered offline`, MARGIN, 84, "sub soft");
  return name + figures(view);
}

/** The totals, right-aligned beside the name. */
function figures({ totals, findings }: View): string {
  const { objects, pods, cpu, memory, storage } = totals;
  const [checks, tone] = checksFigure(findings);
  const shown: [string, string, string][] = [
    [String(objects), "objects", "ink"],
    [String(pods), pods === 1 ? "pod" : "pods", "ink"],
    [`${cpuText(cpu.requested)} → ${cpuText(cpu.limited)}`, "CPU", "ink"],
    [`${bytesText(memory.requested)} → ${bytesText(memory.limited)}`, "memory", "ink"],
    [bytesText(storage), "storage", "ink"],
    [checks, "checks", tone],
  ];
  let right = WIDTH - MARGIN;
  return shown
    .reverse()
    .map(([figure, label, style]) => {
      const markup = text(figure, right, 58, `figure ${style}`, "end") + text(label, right, 80, "label soft", "end");
      right -= Math.max(sansWidth(figure, 19), sansWidth(label, 11.5)) + 34;
      return markup;
    })
    .join("");
}

function checksFigure(findings: Finding[]): [string, string] {
  const errors = countOf(findings, "error");
  const warnings = countOf(findings, "warning");
  if (errors > 0) return [counted(errors, "error"), "bad"];
  if (warnings > 0) return [counted(warnings, "warning"), "warn"];
  return [`${CHECKS.length + POLICIES.length} passed`, "good"];
}

function legend(families: Family[], y: number): string {
  let left = MARGIN;
  return families
    .map((family) => {
      const label = FAMILIES[family];
      const markup = `${element("circle", { cx: left + 5, cy: y - 4, r: 5, class: `${family}-ink` })}${text(label, left + 16, y, "label soft")}`;
      left += 16 + sansWidth(label, 11.5) + 20;
      return markup;
    })
    .join("");
}
