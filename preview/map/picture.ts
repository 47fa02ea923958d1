import { counted } from "../amounts";
import { drawing } from "../drawing";
import type { ResourceGraph } from "../graph";
import { IMPACTS, type Impact, type ImpactReport } from "../impact/report";
import { FAMILIES, familyOf, sansWidth, type Family } from "../picture-style";
import { element, text } from "../svg";
import { cardHeight, cardsOf, cardWidth, drawCard, signMark, spread, type Card, type CardOptions } from "./cards";
import { IMPACT_STYLES, TONE_RULES } from "./impact-style";
import { layoutOf, type Arrow, type Point } from "./layout";
import { mapOf, rootOf, type Place, type PlatformMap } from "./map";

const MARGIN = 28;
const HEADER = 104;
const FOOTER = 52;
const LEAST_WIDTH = 720;
/** More resources than that are counted, not named. */
const MOST_NAMED = 300;
/** What so many of the others need, or what needs so many of them, says nothing by its arrows. */
const EVERYBODY = 0.6;
const LEAST_EVERYBODY = 4;

/** Rules of this picture beside those of all. */
export const MAP_RULES = [
  ".np .way{fill:none;stroke:#7b8794;stroke-width:1.4}.np .tip{fill:#7b8794}.np .row{fill:transparent}",
  ".np .sign{font-size:12px;font-weight:700}",
  "@media (prefers-color-scheme:dark){.np .way{stroke:#7d8b9c}.np .tip{fill:#7d8b9c}}",
  TONE_RULES,
].join("\n");

/** What is drawn, and its size in pixels. */
export interface Sketch {
  title: string;
  description: string;
  width: number;
  height: number;
  /** Markup of everything. */
  content: string[];
}

/**
 * A platform as a self-contained SVG document: a card for each component, what is in it, and an arrow from each
 * component to what it needs. Of more than {@link MOST_NAMED} resources, only the components are named.
 *
 * @param report What a change does: the picture has its colours, signs and legend.
 */
export function graphPicture(graph: ResourceGraph, report?: ImpactReport): string {
  return document("graph", sketchOf(mapOf(graph, report)));
}

/**
 * The part of a platform that a change affects: what changes, with what happens to it, in its components.
 *
 * @returns undefined when nothing changes
 */
export function affectedPicture(graph: ResourceGraph, report: ImpactReport): string | undefined {
  const map = mapOf(graph, report);
  const only = new Set(map.places.filter(({ change }) => change));
  if (only.size === 0) return undefined;
  return document("affected", sketchOf(map, { only, details: true }));
}

function document(id: string, { content, ...frame }: Sketch): string {
  return drawing({ id, styles: MAP_RULES, ...frame }, content);
}

/** Lays a map out and draws it. */
export function sketchOf(map: PlatformMap, options: CardOptions = {}): Sketch {
  const shown = options.only ?? new Set(map.places.filter(({ component }) => !component));
  const collapsed = shown.size > MOST_NAMED;
  const cards = cardsOf(map.roots, { ...options, collapsed });
  const { arrows, hidden } = arrowsOf(map, cards);
  for (const [card, note] of hidden) card.note = card.note === "" ? note : `${card.note} · ${note}`;
  const tied = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  cards.filter((_, index) => !tied.has(String(index))).forEach(spread);
  const items = cards.map((card, index) => ({ key: String(index), width: cardWidth(card), height: cardHeight(card) }));
  const layout = layoutOf(items, arrows);
  const width = Math.max(LEAST_WIDTH, layout.width + 2 * MARGIN);
  const shift = (width - layout.width) / 2;
  const at = ({ x, y }: Point): Point => ({ x: x + shift, y: y + HEADER });
  const height = HEADER + layout.height + FOOTER;
  const drawn = cards.map((card, index) => {
    const { x, y } = at(layout.corners.get(String(index)) ?? { x: 0, y: 0 });
    return drawCard(card, x, y, items[index]?.width ?? 0);
  });
  return {
    title: titleOf(map),
    description: descriptionOf(map),
    width: Math.ceil(width),
    height: Math.ceil(height),
    content: [
      text(`${map.project} ${map.stack}`, MARGIN, 50, "h1 ink"),
      text(descriptionOf(map), MARGIN, 76, "sub soft"),
      ...layout.ways.map((way, index) => arrow(way.map(at), cards, arrows[index])),
      ...drawn,
      legend(map, [...shown], Math.ceil(height) - MARGIN + 4),
    ],
  };
}

function titleOf({ project, stack, report }: PlatformMap): string {
  return report ? `What a change of ${project} ${stack} does` : `The platform ${project} ${stack}`;
}

export function descriptionOf({ places, report }: PlatformMap): string {
  if (report) {
    const { before, after, resources, same } = report;
    return `${before} → ${after}: ${counted(resources.length, "resource")} affected, ${same} the same`;
  }
  const components = places.filter(({ component }) => component).length;
  return `${counted(places.length - components, "resource")} in ${counted(components, "component")}; arrows go to what is needed`;
}

/** Arrows between cards. What nearly everybody needs gets a note instead, and so does what needs nearly everybody. */
function arrowsOf(map: PlatformMap, cards: readonly Card[]): { arrows: Arrow[]; hidden: Map<Card, string> } {
  const cardOf = new Map<Place, number>();
  cards.forEach((card, index) => {
    for (const place of card.places) cardOf.set(place, index);
  });
  const pairs = new Set<string>();
  for (const { from, to } of map.links) {
    const [a, b] = [from, to].map((urn) => {
      const place = map.byUrn.get(urn);
      return place && cardOf.get(rootOf(place));
    });
    if (a !== undefined && b !== undefined && a !== b) pairs.add(`${a} ${b}`);
  }
  const arrows = [...pairs].map((pair): Arrow => {
    const [from = "", to = ""] = pair.split(" ");
    return { from, to };
  });
  const others = cards.length - 1;
  const isMost = (count: number): boolean => count >= LEAST_EVERYBODY && count >= others * EVERYBODY;
  const hidden = new Map<Card, string>();
  const silent = { from: new Set<string>(), to: new Set<string>() };
  cards.forEach((card, index) => {
    const key = String(index);
    const needed = arrows.filter(({ to }) => to === key).length;
    const needs = arrows.filter(({ from }) => from === key).length;
    if (isMost(needed)) silent.to.add(key);
    if (isMost(needs)) silent.from.add(key);
    if (isMost(needed)) hidden.set(card, `needed by ${needed} of ${others}`);
    else if (isMost(needs)) hidden.set(card, `for ${needs} of ${others}`);
  });
  return { arrows: arrows.filter(({ from, to }) => !silent.from.has(from) && !silent.to.has(to)), hidden };
}

function arrow(way: readonly Point[], cards: readonly Card[], ends: Arrow | undefined): string {
  const [start, ...rest] = way;
  const tip = rest.at(-1);
  if (!start || !tip || !ends) return "";
  const round = (value: number): number => Math.round(value * 10) / 10;
  let [x, y] = [start.x, start.y];
  const steps = [...rest.slice(0, -1), { x: tip.x - 6, y: tip.y }].map((point) => {
    const middle = round((x + point.x) / 2);
    const step =
      point.y === y
        ? `L${round(point.x)} ${round(point.y)}`
        : `C${middle} ${round(y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    [x, y] = [point.x, point.y];
    return step;
  });
  const placeOf = (key: string): number | undefined => cards[Number(key)]?.places[0]?.id;
  const [tipX, tipY] = [round(tip.x), round(tip.y)];
  return element(
    "g",
    { class: "arrow", "data-from": placeOf(ends.from), "data-to": placeOf(ends.to) },
    element("path", { d: `M${round(start.x)} ${round(start.y)}${steps.join("")}`, class: "way" }) +
      element("path", { d: `M${tipX} ${tipY}l-8 -4v8z`, class: "tip" }),
  );
}

function legend(map: PlatformMap, shown: readonly Place[], y: number): string {
  let left = MARGIN;
  const entry = (label: string, mark: string, room: number): string => {
    const markup = mark + text(label, left + room, y, "label soft");
    left += room + sansWidth(label, 11.5) + 18;
    return markup;
  };
  const impacts = new Set(shown.map(({ impact }) => impact));
  if (map.report) {
    return IMPACTS.filter((impact: Impact) => impacts.has(impact))
      .map((impact) => entry(IMPACT_STYLES[impact].label, signMark(impact, left, y - 14), 24))
      .join("");
  }
  const families = new Set(shown.map(({ kind }) => familyOf(kind)));
  return (Object.keys(FAMILIES) as Family[])
    .filter((family) => families.has(family))
    .map((family) =>
      entry(
        FAMILIES[family],
        element("rect", { x: left, y: y - 9, width: 10, height: 10, rx: 2, class: `${family}-ink` }),
        16,
      ),
    )
    .join("");
}
