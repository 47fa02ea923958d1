import { factsOf } from "./facts";
import { isRendered } from "./manifests";
import { familyOf, monoWidth, sansWidth } from "./picture-style";
import type { Branch } from "./structure";
import { box, text } from "./svg";
import type { Workload } from "./workloads";

/** Something that has been measured and can be drawn anywhere. Sizes are pixels. */
export interface Box {
  height: number;
  draw: (x: number, y: number) => string;
}

/** What boxes are laid out with. */
export interface Layout {
  /** Width of the column that holds the badges of kinds. */
  badges: number;
  workloads: ReadonlyMap<string, Workload>;
}

const NAME_SIZE = 12;
const FACT_SIZE = 11;
const BADGE_SIZE = 10.5;
const ROW = 25;
const FACT_LINE = 17;
const PADDING = 16;
const INSET = 10;
const GAP = 10;

/** Width of the badge of a kind. */
export function badgeWidth(kind: string): number {
  return Math.ceil(monoWidth(kind, BADGE_SIZE)) + 16;
}

/** A component as a card: its name, a row for each resource, a smaller card for each component within. */
export function componentBox(branch: Branch, width: number, layout: Layout, depth = 0): Box {
  const side = depth === 0 ? PADDING : 12;
  const head = depth === 0 ? 46 : 36;
  const inside = width - 2 * side;
  const items = branch.children.map((child): { box: Box; nested: boolean } =>
    isRendered(child.resource)
      ? { box: rowBox(child, inside, layout, branch.namespace), nested: false }
      : { box: componentBox(child, inside + 2 * (side - INSET), layout, depth + 1), nested: true },
  );
  const heights = items.map(({ box: { height }, nested }) => height + (nested ? GAP : 0));
  const height = head + heights.reduce((sum, value) => sum + value, 0) + (items.length === 0 ? 0 : INSET);
  return {
    height,
    draw: (x, y) => {
      const parts = [
        box(x, y, width, height, depth === 0 ? 12 : 9, depth === 0 ? "card" : "inner"),
        heading(branch, x, y, width, depth),
      ];
      let top = y + head;
      items.forEach(({ box: item, nested }, index) => {
        parts.push(item.draw(x + (nested ? INSET : side), top + (nested ? GAP / 2 : 0)));
        top += heights[index] ?? 0;
      });
      return `<g>${parts.join("")}</g>`;
    },
  };
}

/** Resources that belong to no component, as a card of their own. */
export function looseBox(branches: Branch[], width: number, layout: Layout): Box {
  const rows = branches.map((branch) => rowBox(branch, width - 2 * PADDING, layout, undefined));
  const height = rows.reduce((sum, row) => sum + row.height, 2 * INSET);
  return {
    height,
    draw: (x, y) => {
      let top = y + INSET;
      const drawn = rows.map((row) => {
        const markup = row.draw(x + PADDING, top);
        top += row.height;
        return markup;
      });
      return `<g>${box(x, y, width, height, 12, "card")}${drawn.join("")}</g>`;
    },
  };
}

function heading(branch: Branch, x: number, y: number, width: number, depth: number): string {
  const [size, style, side, baseline] = depth === 0 ? [15, "h2", PADDING, 28] : [13, "h3", 12, 23];
  const note = branch.namespace === undefined ? branch.kind : `${branch.kind} · ${branch.namespace}`;
  const room = width - 2 * side - 12;
  const name = cut(branch.name, (content) => sansWidth(content, size), room);
  const shown = cut(note, (content) => sansWidth(content, 11.5), room - sansWidth(name, size));
  return (
    text(name, x + side, y + baseline, `${style} ink`) + text(shown, x + width - side, y + baseline, "type soft", "end")
  );
}

/** A badge with the kind, the name, and the facts beside it or, when they are too long for that, below. */
function rowBox(branch: Branch, width: number, layout: Layout, namespace: string | undefined): Box {
  const { kind, resource } = branch;
  const family = familyOf(kind);
  const elsewhere = branch.namespace !== undefined && branch.namespace !== namespace ? [`in ${branch.namespace}`] : [];
  const facts = [...factsOf(resource, layout.workloads.get(resource.urn)), ...elsewhere];
  const indent = layout.badges + 12;
  const room = width - indent;
  const name = cut(branch.name, (content) => monoWidth(content, NAME_SIZE), room);
  const line = lineText(facts);
  const beside = monoWidth(name, NAME_SIZE) + 16 + monoWidth(line, FACT_SIZE) <= room;
  const lines = beside ? [] : wrapFacts(facts, room);
  return {
    height: ROW + lines.length * FACT_LINE,
    draw: (x, y) =>
      [
        box(x, y + 3, Math.min(badgeWidth(kind), layout.badges), 18, 9, family),
        text(cut(kind, badgeWidth, layout.badges), x + 8, y + 15.8, `badge mono ${family}-ink`),
        text(name, x + indent, y + 16.2, `name mono ink${family === "workload" ? " strong" : ""}`),
        beside && line !== "" ? text(line, x + width, y + 16.2, "fact mono soft", "end") : "",
        ...lines.map((content, index) => text(content, x + indent, y + ROW + 8 + index * FACT_LINE, "fact mono soft")),
      ].join(""),
  };
}

function lineText(facts: string[]): string {
  return facts.join(" · ").replace(/ {2,}/g, " · ");
}

/** Facts on as many lines as they need; a fact is never parted, only cut when it is alone too long. */
function wrapFacts(facts: string[], room: number): string[] {
  const fits = (content: string): boolean => monoWidth(content, FACT_SIZE) <= room;
  const lines: string[][] = [];
  for (const fact of facts) {
    const line = lines.at(-1);
    if (line && fits(lineText([...line, fact]))) line.push(fact);
    else lines.push([fact]);
  }
  return lines.map((line) => cut(lineText(line), (content) => monoWidth(content, FACT_SIZE), room));
}

/** A text cut so that it fits. */
function cut(content: string, measure: (content: string) => number, room: number): string {
  if (measure(content) <= room) return content;
  let length = content.length;
  while (length > 1 && measure(`${content.slice(0, length)}…`) > room) length--;
  return `${content.slice(0, length)}…`;
}
