import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawing } from "../../preview/drawing";
import { monoWidth, sansWidth } from "../../preview/picture-style";
import { box, element, text } from "../../preview/svg";

const ROOT = join(__dirname, "..", "..");
/** Where the picture is kept. */
export const FILE = join(ROOT, "docs", "images", "architecture.svg");

/** A room: what it is, what it hands to those who import it, and whom it may import. ESLint holds the same. */
export interface Room {
  is: string;
  hands: string;
  imports: string[];
}

/** All rooms, by their names. */
export function rooms(): Record<string, Room> {
  return JSON.parse(readFileSync(join(ROOT, "rooms.json"), "utf8")) as Record<string, Room>;
}

const WIDTH = 1200;
const MARGIN = 28;
const TOP = 96;
const CARD = 66;
const GAP = 34;
const STYLES = [
  ".np .way{fill:none;stroke:#94a2b3;stroke-width:1.5}.np .tip{fill:#94a2b3}",
  "@media (prefers-color-scheme:dark){.np .way{stroke:#5f6b7a}.np .tip{fill:#5f6b7a}}",
].join("\n");

/**
 * The rooms as storeys: each stands above all that it may import, and what it is handed comes up from below; those that
 * nobody imports are the roof. Rooms that import nobody and are imported by nobody stand beside the house, in the last row.
 */
export function architecturePicture(all: Readonly<Record<string, Room>>): string {
  const isRoof = (name: string): boolean => !Object.values(all).some(({ imports }) => imports.includes(name));
  const isAlone = (name: string): boolean => all[name]?.imports.length === 0 && isRoof(name);
  const height = (name: string): number =>
    Math.max(-1, ...(all[name]?.imports ?? []).map((below) => height(below))) + 1;
  const house = Object.keys(all).filter((name) => !isAlone(name));
  const top = Math.max(...house.map(height));
  const storeys = Array.from({ length: top + 1 }, (_, level) =>
    house.filter((name) => (isRoof(name) ? top : height(name)) === top - level),
  );
  const rows = [...storeys, Object.keys(all).filter(isAlone)];
  const bottom = TOP + rows.length * (CARD + GAP);
  return drawing(
    {
      id: "architecture",
      title: "The rooms of the program",
      description: "Each may import the rooms below it that it names; arrows are what is handed up",
      width: WIDTH,
      height: bottom,
      styles: STYLES,
    },
    [
      text("The rooms of the program", MARGIN, 46, "h1 ink"),
      text(
        "Each may import the rooms below it that it names, and nothing else. What is handed comes up.",
        MARGIN,
        68,
        "sub soft",
      ),
      ...rows.flatMap((names, row) => {
        const y = TOP + row * (CARD + GAP);
        const needs = names.map((name) => needOf(name, all[name]));
        const needed = needs.reduce((sum, need) => sum + need, 0);
        const share = (WIDTH - 2 * MARGIN - (names.length - 1) * GAP) / needed;
        let next = MARGIN;
        return names.flatMap((name, place) => {
          const x = next;
          const width = (needs[place] ?? 0) * share;
          next += width + GAP;
          const room = all[name];
          if (room === undefined) return [];
          return [...card(name, room, x, y, width), ...(row === 0 || isAlone(name) ? [] : [arrow(room.hands, x, y)])];
        });
      }),
    ],
  );
}

/** Width of a card that holds its texts. */
function needOf(name: string, room: Room | undefined): number {
  if (room === undefined) return 0;
  return 48 + Math.max(monoWidth(`${name}/`, 15) + sansWidth(importsOf(room), 11.5), sansWidth(room.is, 12));
}

function importsOf({ imports }: Room): string {
  return `imports ${imports.length === 0 ? "nobody" : imports.join(", ")}`;
}

function card(name: string, room: Room, x: number, y: number, width: number): string[] {
  return [
    box(x, y, width, CARD, 12, "card"),
    text(`${name}/`, x + 16, y + 27, "h2 ink mono"),
    text(room.is, x + 16, y + 49, "name soft"),
    text(importsOf(room), x + width - 16, y + 27, "label soft", "end"),
  ];
}

/** To the first room of the roof, which imports every storey. */
function arrow(hands: string, x: number, y: number): string {
  const middle = x + 236;
  return [
    element("path", { d: `M${middle} ${y}V${y - GAP + 9}`, class: "way" }),
    element("path", { d: `M${middle} ${y - GAP + 2}l5 9h-10z`, class: "tip" }),
    text(hands, middle + 12, y - GAP / 2 + 4, "label soft"),
  ].join("");
}

if (require.main === module) writeFileSync(FILE, architecturePicture(rooms()));
