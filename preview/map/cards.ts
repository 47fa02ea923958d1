import { counted } from "../amounts";
import { wrapped } from "../wrap";
import { familyOf, sansWidth, type Family } from "../picture-style";
import { box, element, escapeXml, text } from "../svg";
import { graver, IMPACT_STYLES, rolloutText } from "./impact-style";
import type { Impact } from "../impact/report";
import type { Place } from "./map";

/** A line of a card. */
interface Row {
  /** What it stands for; undefined for a line such as `… and 12 more`. */
  place?: Place;
  name: string;
  note: string;
  family?: Family;
  impact?: Impact | undefined;
  /** Lines below: what happens to it. */
  details: string[];
}

/** A component with what is in it, or several components of a kind, ready to be measured and drawn. */
export interface Card {
  /** What it stands for: one component, or all of a kind. */
  places: Place[];
  name: string;
  note: string;
  impact?: Impact | undefined;
  rows: Row[];
  /** Columns in which the rows stand. */
  columns: number;
  inner: Card[];
}

/** What of a map is drawn. */
export interface CardOptions {
  /** Components as single lines, one card for all of a kind: for a map too large to show each resource. */
  collapsed?: boolean;
  /** Only these places, with their components. Default: all. */
  only?: ReadonlySet<Place>;
  /** A second line below each place with what happens to it. Default: false. */
  details?: boolean;
}

const ROW = 22;
const DETAIL = 16;
const DETAIL_LETTERS = 44;
const SIDE = 12;
const HEAD = 46;
const INNER_HEAD = 30;
const INSET = 8;
const NAME_SIZE = 12;
const NOTE_SIZE = 11;
const LEAD = 18;
const [LEAST, MOST] = [190, 370];
/** Bold letters take more room. */
const BOLD = 1.1;
/** Rows of a column of a card that stands alone. */
const COLUMN_ROWS = 9;
const MOST_COLUMNS = 3;
/** Lines of a collapsed card; the page's outline has all. */
const MOST_ROWS = 24;

/** The cards of a map's roots. */
export function cardsOf(roots: readonly Place[], options: CardOptions): Card[] {
  if (options.collapsed !== true) {
    const loose = roots.filter((place) => !place.component && isShown(place, options));
    const components = roots.filter((place) => place.component && isShown(place, options));
    const rest: Card[] =
      loose.length === 0
        ? []
        : [
            {
              places: loose,
              name: "in no component",
              note: "",
              rows: rowsOf(loose, options, undefined),
              columns: 1,
              inner: [],
            },
          ];
    return [...rest, ...components.map((place) => cardOf(place, options))];
  }
  const kinds = new Map<string, Place[]>();
  for (const place of roots) kinds.set(place.kind, [...(kinds.get(place.kind) ?? []), place]);
  return [...kinds].map(([kind, places]) => collapsedCard(kind, places));
}

function isShown(place: Place, { only }: CardOptions): boolean {
  return !only || only.has(place) || place.children.some((child) => isShown(child, { only }));
}

function cardOf(place: Place, options: CardOptions): Card {
  const shown = place.children.filter((child) => isShown(child, options));
  return {
    places: [place],
    name: place.name,
    note: place.namespace === undefined ? place.kind : `${place.kind} · ${place.namespace}`,
    impact: place.impact,
    rows: rowsOf(
      shown.filter(({ component }) => !component),
      options,
      place.namespace,
    ),
    columns: 1,
    inner: shown.filter(({ component }) => component).map((child) => cardOf(child, options)),
  };
}

function rowsOf(places: readonly Place[], { details }: CardOptions, namespace: string | undefined): Row[] {
  return places.map((place) => ({
    place,
    name: place.name,
    note:
      place.namespace === undefined || place.namespace === namespace
        ? place.kind
        : `${place.kind} · ${place.namespace}`,
    family: familyOf(place.kind),
    impact: place.impact,
    details: details && place.change && place.impact ? detailsOf(place.impact, place.change) : [],
  }));
}

function detailsOf(impact: Impact, { rollout }: NonNullable<Place["change"]>): string[] {
  const { label } = IMPACT_STYLES[impact];
  return rollout ? [label, ...wrapped(rolloutText(rollout), DETAIL_LETTERS, ", ")] : [label];
}

function collapsedCard(kind: string, places: Place[]): Card {
  const [only] = places;
  const impact = places.reduce<Impact | undefined>((worst, place) => graver(worst, place.impact), undefined);
  const size = places.reduce((sum, place) => sum + place.size, 0);
  const note = counted(size, "resource");
  if (only && places.length === 1) {
    return { places, name: only.name, note: `${kind} · ${note}`, impact, rows: kindRows(only), columns: 1, inner: [] };
  }
  const shown = [...places].sort((a, b) => Number(b.impact !== undefined) - Number(a.impact !== undefined));
  const rows = shown.slice(0, MOST_ROWS).map((place) => ({
    place,
    name: place.name,
    note: place.component ? counted(place.size, "resource") : place.kind,
    impact: place.impact,
    details: [],
  }));
  const more = places.length - rows.length;
  const last = more > 0 ? [{ name: `… and ${more} more`, note: "", details: [] }] : [];
  return { places, name: `${kind} × ${places.length}`, note, impact, rows: [...rows, ...last], columns: 1, inner: [] };
}

/** What is in a component, counted by kind. */
function kindRows(place: Place): Row[] {
  const counts = new Map<string, { count: number; impact: Impact | undefined }>();
  const count = (each: Place): void => {
    if (!each.component) {
      const { count: before, impact } = counts.get(each.kind) ?? { count: 0, impact: undefined };
      counts.set(each.kind, { count: before + 1, impact: graver(impact, each.impact) });
    }
    each.children.forEach(count);
  };
  count(place);
  return [...counts].map(([kind, { count: number, impact }]) => ({
    place,
    name: kind,
    note: `× ${number}`,
    family: familyOf(kind),
    impact,
    details: [],
  }));
}

/** Sets the rows of a card that stands alone in columns, so that it is not taller than others. */
export function spread(card: Card): void {
  if (card.inner.length > 0) return;
  card.columns = Math.min(MOST_COLUMNS, Math.max(1, Math.ceil(card.rows.length / COLUMN_ROWS)));
}

/** The width a card wants, within limits. */
export function cardWidth(card: Card): number {
  const rows = card.rows.map(
    (row) =>
      LEAD +
      Math.max(
        nameWidth(row) + 14 + sansWidth(row.note, NOTE_SIZE),
        ...row.details.map((line) => sansWidth(line, NOTE_SIZE)),
      ) +
      2 * SIDE,
  );
  const inner = card.inner.map((child) => cardWidth(child) + 2 * INSET);
  const head = Math.max(sansWidth(card.name, 15) * BOLD, sansWidth(card.note, NOTE_SIZE)) + 2 * SIDE + LEAD;
  return Math.ceil(Math.min(MOST, Math.max(LEAST, head, ...rows, ...inner))) * card.columns;
}

function nameWidth({ name, family }: Row): number {
  return sansWidth(name, NAME_SIZE) * (family === "workload" ? BOLD : 1);
}

export function cardHeight(card: Card, depth = 0): number {
  const rows = columnsOf(card).reduce((most, column) => Math.max(most, heightOf(column)), 0);
  const inner = card.inner.reduce((sum, child) => sum + cardHeight(child, depth + 1) + INSET, 0);
  return (depth === 0 ? HEAD : INNER_HEAD) + rows + inner + (rows + inner === 0 ? 0 : 6);
}

function columnsOf({ rows, columns }: Card): Row[][] {
  const size = Math.ceil(rows.length / columns);
  return Array.from({ length: columns }, (_, index) => rows.slice(index * size, (index + 1) * size));
}

function heightOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + rowHeight(row), 0);
}

function rowHeight({ details }: Row): number {
  return ROW + details.length * DETAIL;
}

/** A card as markup. Groups carry the number of their place, for a page that makes them answer. */
export function drawCard(card: Card, x: number, y: number, width: number, depth = 0): string {
  const parts = [
    box(x, y, width, cardHeight(card, depth), depth === 0 ? 12 : 9, depth === 0 ? "card" : "inner"),
    heading(card, x, y, width, depth),
  ];
  const head = y + (depth === 0 ? HEAD : INNER_HEAD);
  const columns = columnsOf(card);
  columns.forEach((rows, index) => {
    let down = head;
    for (const row of rows) {
      parts.push(drawRow(row, x + (index * width) / columns.length, down, width / columns.length));
      down += rowHeight(row);
    }
  });
  let top = head + Math.max(...columns.map(heightOf));
  for (const child of card.inner) {
    parts.push(drawCard(child, x + INSET, top + INSET / 2, width - 2 * INSET, depth + 1));
    top += cardHeight(child, depth + 1) + INSET;
  }
  const [place] = card.places;
  return element(
    "g",
    { class: "part", "data-place": card.places.length === 1 ? place?.id : undefined },
    parts.join(""),
  );
}

function heading(card: Card, x: number, y: number, width: number, depth: number): string {
  const room = width - 2 * SIDE - (card.impact === undefined ? 0 : LEAD + 6);
  const size = depth === 0 ? 15 : 13;
  const name = cut(card.name, size * BOLD, room);
  const first = text(name, x + SIDE, y + (depth === 0 ? 23 : 20), depth === 0 ? "h2 ink" : "h3 ink");
  const sign =
    card.impact === undefined ? "" : signMark(card.impact, x + width - SIDE - 18, y + (depth === 0 ? 10 : 7));
  if (depth === 0) return first + text(cut(card.note, NOTE_SIZE, room), x + SIDE, y + 39, "type soft") + sign;
  const left = room - sansWidth(name, size * BOLD) - 10;
  return left < 40
    ? first + sign
    : first + text(cut(card.note, NOTE_SIZE, left), x + SIDE + room, y + 20, "type soft", "end") + sign;
}

function drawRow(row: Row, x: number, y: number, width: number): string {
  const inside = width - 2 * SIDE - LEAD;
  const note = cut(row.note, NOTE_SIZE, Math.max(inside * 0.45, inside - nameWidth(row) - 10));
  const size = row.family === "workload" ? NAME_SIZE * BOLD : NAME_SIZE;
  const name = cut(row.name, size, inside - (note === "" ? 0 : sansWidth(note, NOTE_SIZE) + 10));
  const height = rowHeight(row);
  const title = row.place ? element("title", {}, escapeXml(`${row.note} ${row.name}`)) : "";
  const parts = [
    title,
    box(x + 5, y, width - 10, height, 6, "row"),
    row.impact === undefined
      ? row.family
        ? element("rect", { x: x + SIDE + 2, y: y + 7, width: 8, height: 8, rx: 2, class: `${row.family}-ink` })
        : ""
      : signMark(row.impact, x + SIDE - 5, y + 2),
    text(name, x + SIDE + LEAD, y + 15, `name ink${row.family === "workload" ? " strong" : ""}`),
    text(note, x + width - SIDE, y + 15, "fact soft", "end"),
    ...row.details.map((line, index) =>
      text(
        line,
        x + SIDE + LEAD,
        y + 31 + index * DETAIL,
        `fact ${row.impact ? IMPACT_STYLES[row.impact].tone : "soft"}-ink`,
      ),
    ),
  ];
  return element("g", { class: "part", "data-place": row.place?.id }, parts.join(""));
}

/** The sign of an impact in a square of its colour, 18 pixels wide. */
export function signMark(impact: Impact, x: number, y: number): string {
  const { sign, tone } = IMPACT_STYLES[impact];
  return box(x, y, 18, 18, 5, tone) + text(sign, x + 9, y + 13.5, `sign ${tone}-ink`, "middle");
}

/** A text cut in its middle so that it fits: names of one component often differ only at their end. */
function cut(content: string, size: number, room: number): string {
  if (sansWidth(content, size) <= room) return content;
  let keep = content.length;
  const shortened = (): string => {
    const head = Math.ceil(keep / 2);
    return `${content.slice(0, head)}…${content.slice(content.length - (keep - head))}`;
  };
  while (keep > 1 && sansWidth(shortened(), size) > room) keep--;
  return shortened();
}
