import { graphlib, layout } from "@dagrejs/dagre";

/** Something to place. Sizes are pixels. */
export interface Item {
  key: string;
  width: number;
  height: number;
}

/** An arrow from one item to another that it needs. */
export interface Arrow {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

/** Where everything goes: who needs stands left of what it needs. */
export interface Layout {
  /** Upper left corners by key. */
  corners: Map<string, Point>;
  /** Points of each arrow from its start to its tip, in the order of the arrows. */
  ways: Point[][];
  width: number;
  height: number;
}

const COLUMN_GAP = 84;
const GAP = 22;
/** Between two ends of arrows at one side of an item. */
const PORT = 14;
/** Widths over heights that a screen shows well. */
const SHAPE = 1.5;

/**
 * Places items in columns, with arrows between them that pass beside items, never under them; items without arrows fill
 * rows below. The same items and arrows always give the same layout.
 */
export function layoutOf(items: readonly Item[], arrows: readonly Arrow[]): Layout {
  const tied = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const free = items.filter(({ key }) => !tied.has(key));
  const columns = columnsOf(
    items.filter(({ key }) => tied.has(key)),
    arrows,
  );
  const shelf = shelfOf(
    free,
    Math.max(columns.width, shelfWidth(free)),
    columns.height === 0 ? 0 : columns.height + 2 * GAP,
  );
  return {
    corners: new Map([...columns.corners, ...shelf.corners]),
    ways: columns.ways,
    width: Math.max(columns.width, shelf.width),
    height: shelf.height === 0 ? columns.height : shelf.height,
  };
}

function columnsOf(items: readonly Item[], arrows: readonly Arrow[]): Layout {
  if (items.length === 0) return { corners: new Map(), ways: [], width: 0, height: 0 };
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: GAP, edgesep: PORT, ranksep: COLUMN_GAP });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { key, width, height } of items) graph.setNode(key, { width, height });
  for (const { from, to } of arrows) graph.setEdge(from, to, {});
  layout(graph);
  const boxes = new Map(
    items.map((item) => {
      const { x, y } = graph.node(item.key) as Point;
      return [item.key, { ...item, x, y }] as const;
    }),
  );
  // The library writes the size of the whole there, and says nothing of its type.
  const { width, height } = graph.graph() as { width: number; height: number };
  const between = arrows.map(({ from, to }) => (graph.edge(from, to) as { points: Point[] }).points.slice(1, -1));
  return {
    corners: new Map([...boxes].map(([key, box]) => [key, { x: box.x - box.width / 2, y: box.y - box.height / 2 }])),
    ways: waysOf(arrows, between, boxes),
    width,
    height,
  };
}

type Placed = Item & Point;

/** From the right side of one item, level through each column between, to the left side of the other. */
function waysOf(arrows: readonly Arrow[], between: readonly Point[][], boxes: ReadonlyMap<string, Placed>): Point[][] {
  const columns = extents([...boxes.values()]);
  const inner = between.map((points) =>
    points.flatMap(({ x, y }) => {
      const column = columns.find(({ left, right }) => x > left && x < right);
      return column
        ? [
            { x: column.left, y },
            { x: column.right, y },
          ]
        : [];
    }),
  );
  const starts = ports(
    arrows,
    boxes,
    "from",
    (index) => inner[index]?.[0]?.y ?? boxes.get(arrows[index]?.to ?? "")?.y ?? 0,
  );
  const tips = ports(
    arrows,
    boxes,
    "to",
    (index) => inner[index]?.at(-1)?.y ?? boxes.get(arrows[index]?.from ?? "")?.y ?? 0,
  );
  return arrows.map((_, index) =>
    [starts[index], ...(inner[index] ?? []), tips[index]].filter((point) => point !== undefined),
  );
}

interface Extent {
  left: number;
  right: number;
}

/** Where each column begins and ends. Items of one column have the same middle. */
function extents(boxes: readonly Placed[]): Extent[] {
  const columns = new Map<number, Extent>();
  for (const { x, width } of boxes) {
    const { left, right } = columns.get(Math.round(x)) ?? { left: x, right: x };
    columns.set(Math.round(x), { left: Math.min(left, x - width / 2), right: Math.max(right, x + width / 2) });
  }
  return [...columns.values()];
}

/** Ends of arrows at the sides of their items, in the order of where they go, near where they go. */
function ports(
  arrows: readonly Arrow[],
  boxes: ReadonlyMap<string, Placed>,
  end: keyof Arrow,
  goal: (index: number) => number,
): (Point | undefined)[] {
  const result: (Point | undefined)[] = arrows.map(() => undefined);
  for (const [key, { x, y, width, height }] of boxes) {
    const mine = arrows
      .flatMap((arrow, index) => (arrow[end] === key ? [index] : []))
      .sort((a, b) => goal(a) - goal(b));
    const step = Math.min(PORT, (height - 24) / Math.max(1, mine.length));
    const span = step * (mine.length - 1);
    const wanted = mine.reduce((sum, index) => sum + goal(index), 0) / Math.max(1, mine.length) - span / 2;
    const top = Math.min(Math.max(wanted, y - height / 2 + 12), y + height / 2 - 12 - span);
    mine.forEach((arrow, index) => {
      result[arrow] = { x: end === "from" ? x + width / 2 : x - width / 2, y: top + index * step };
    });
  }
  return result;
}

function shelfWidth(items: readonly Item[]): number {
  const area = items.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  return Math.max(Math.sqrt(area * SHAPE), ...items.map(({ width }) => width), 0);
}

/** Items side by side, on as many rows as they need. */
function shelfOf(items: readonly Item[], room: number, top: number): Omit<Layout, "ways"> {
  const corners = new Map<string, Point>();
  let [x, y, bottom, width] = [0, top, top, 0];
  for (const item of items) {
    if (x > 0 && x + item.width > room) [x, y] = [0, bottom + GAP];
    corners.set(item.key, { x, y });
    x += item.width + GAP;
    width = Math.max(width, x - GAP);
    bottom = Math.max(bottom, y + item.height);
  }
  return { corners, width, height: items.length === 0 ? 0 : bottom };
}
