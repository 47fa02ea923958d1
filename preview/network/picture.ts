import { partyKey, portTitle, type Flow, type Party } from "../../components/network/flow";
import { drawing } from "../drawing";
import { sansWidth } from "../picture-style";
import { box, element, text } from "../svg";
import { headline } from "./format";
import type { Matrix } from "./matrix";

const WIDTH = 1080;
const MARGIN = 28;
const TOP = 104;
const CARD = 316;
const ROW = 26;
const GAP = 14;
const HEAD = 30;

/** Lines between the two sides; what everybody does, such as asking for names, is drawn lightly. */
const STYLES = [
  ".np .way{fill:none;stroke-width:1.5;opacity:.75}.np .faint{opacity:.25}",
  ["#1d4ed8", "#0f766e", "#6d28d9", "#a14f06", "#b4234d", "#475569"]
    .map((colour, index) => `.np .way${index}{stroke:${colour}}`)
    .join(""),
  "@media (prefers-color-scheme:dark){",
  ["#93b8fd", "#5eead4", "#c4b2fb", "#f6c177", "#fda4bb", "#b6c2d2"]
    .map((colour, index) => `.np .way${index}{stroke:${colour}}`)
    .join(""),
  "}",
].join("\n");
const COLOURS = 6;

/** One line of a card: somebody who connects, or a port of somebody who is connected to. */
interface Line {
  key: string;
  label: string;
  note: string;
}

/** A namespace, or what is outside the cluster, on one of the two sides. */
interface Card {
  title: string;
  lines: Line[];
}

/** Who connects (left) to whom (right), a curve for each flow, as a self-contained SVG that follows light and dark mode. */
export function networkPicture({ stack, mode, flows }: Matrix): string {
  const callers = cardsOf(flows.map(({ from }) => ({ party: from, line: callerLine(from) })));
  const called = cardsOf(flows.map((flow) => ({ party: flow.to, line: calledLine(flow) })));
  const left = placed(callers);
  const right = placed(called);
  const height = Math.max(left.bottom, right.bottom) + MARGIN;
  const summary = headline(mode, flows);
  const columns = WIDTH - MARGIN - CARD;
  const targets = [...new Set(flows.map((flow) => calledLine(flow).key))];
  return drawing(
    { id: "network", title: `Network of ${stack}`, description: summary, width: WIDTH, height, styles: STYLES },
    [
      text(`Network of ${stack}`, MARGIN, 46, "h1 ink"),
      text(summary, MARGIN, 68, "sub soft"),
      text("who connects", MARGIN, TOP - 12, "label soft"),
      text("to whom", columns, TOP - 12, "label soft"),
      ...flows.map((flow) => {
        const target = calledLine(flow).key;
        const colour = targets.indexOf(target) % COLOURS;
        const faint = isEverybodys(flow) ? " faint" : "";
        const y1 = left.rows.get(callerLine(flow.from).key) ?? 0;
        const y2 = right.rows.get(target) ?? 0;
        return curve(MARGIN + CARD, y1, columns, y2, `way way${colour}${faint}`);
      }),
      ...left.cards.flatMap((card) => cardMarkup(card, MARGIN)),
      ...right.cards.flatMap((card) => cardMarkup(card, columns)),
    ],
  );
}

/** What nearly every workload does. */
function isEverybodys({ reason }: Flow): boolean {
  return reason === "names" || reason === "metrics";
}

function callerLine(party: Party): Line {
  return { key: partyKey(party), label: party.name, note: "" };
}

/** All ports that a flow names are one line. */
function calledLine({ to, ports }: Flow): Line {
  const note = ports.length === 0 ? "every port" : ports.map(portTitle).join(", ");
  return { key: `${partyKey(to)} ${note}`, label: to.name, note };
}

/** Lines by the namespace they belong to, each once, in the order of the table. */
function cardsOf(ends: readonly { party: Party; line: Line }[]): Card[] {
  const cards = new Map<string, Card>();
  for (const { party, line } of ends) {
    const title = party.kind === "pods" ? `namespace ${party.namespace}` : "outside the cluster, or anyone";
    const card = cards.get(title) ?? { title, lines: [] };
    cards.set(title, card);
    if (!card.lines.some(({ key }) => key === line.key)) card.lines.push(line);
  }
  // Lines of one party stand together.
  return [...cards.values()].map((card) => ({
    ...card,
    lines: card.lines.toSorted((a, b) => firstOf(card, a.label) - firstOf(card, b.label)),
  }));
}

function firstOf({ lines }: Card, label: string): number {
  return lines.findIndex((line) => line.label === label);
}

interface Placed {
  cards: { card: Card; y: number; height: number }[];
  /** Middle of each line, by its key. */
  rows: Map<string, number>;
  bottom: number;
}

function placed(cards: readonly Card[]): Placed {
  const rows = new Map<string, number>();
  let y = TOP;
  const boxes = cards.map((card) => {
    const height = HEAD + card.lines.length * ROW + 8;
    card.lines.forEach(({ key }, index) => rows.set(key, y + HEAD + index * ROW + ROW / 2));
    const one = { card, y, height };
    y += height + GAP;
    return one;
  });
  return { cards: boxes, rows, bottom: y - GAP };
}

function cardMarkup({ card, y, height }: Placed["cards"][number], x: number): string[] {
  return [
    box(x, y, CARD, height, 10, "card"),
    text(card.title, x + 14, y + 20, "label soft"),
    ...card.lines.flatMap(({ label, note }, index) => {
      const line = y + HEAD + index * ROW + ROW / 2 + 4;
      const room = CARD - 40 - sansWidth(label, 12);
      return [
        text(label, x + 14, line, "name strong ink"),
        ...(note === "" ? [] : [text(shortened(note, room), x + CARD - 14, line, "fact mono soft", "end")]),
      ];
    }),
  ];
}

/** A text that fits: `dns 53/UDP, dns 53` becomes `dns 53/UDP, …`. */
function shortened(note: string, room: number): string {
  const letters = Math.floor(room / 6.7);
  return note.length <= letters ? note : `${note.slice(0, Math.max(1, letters - 1))}…`;
}

function curve(x1: number, y1: number, x2: number, y2: number, style: string): string {
  const middle = (x1 + x2) / 2;
  return element("path", { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, class: style });
}
