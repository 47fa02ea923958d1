import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { layoutOf, type Arrow, type Item, type Layout } from "../../../preview/map/layout";

const item = (key: string, width = 100, height = 60): Item => ({ key, width, height });

/** Rectangles of a layout by key. */
function rectangles(items: readonly Item[], { corners }: Layout) {
  return items.map(({ key, width, height }) => {
    const corner = corners.get(key);
    if (!corner) throw new Error(`${key} is not placed`);
    return { key, left: corner.x, right: corner.x + width, top: corner.y, bottom: corner.y + height };
  });
}

describe("a layout", () => {
  test("given arrows, puts who needs left of what it needs, and what has none below", () => {
    const items = [item("server"), item("nats"), item("loose"), item("pool")];
    const { corners, ways, width, height } = layoutOf(items, [
      { from: "server", to: "nats" },
      { from: "pool", to: "server" },
    ]);
    const x = (key: string): number => corners.get(key)?.x ?? NaN;
    expect([x("pool") < x("server"), x("server") < x("nats")]).toEqual([true, true]);
    expect(corners.get("loose")).toEqual({ x: 0, y: 104 });
    expect({ width, height }).toEqual({ width: 468, height: 164 });
    expect(ways[0]).toEqual([
      { x: x("server") + 100, y: 30 },
      { x: x("nats"), y: 30 },
    ]);
  });

  test("given no items or no arrows, is empty or a shelf", () => {
    expect(layoutOf([], [])).toEqual({ corners: new Map(), ways: [], width: 0, height: 0 });
    const { corners } = layoutOf([item("a"), item("b"), item("c"), item("d")], []);
    expect([...corners.values()]).toEqual([
      { x: 0, y: 0 },
      { x: 122, y: 0 },
      { x: 0, y: 82 },
      { x: 122, y: 82 },
    ]);
  });

  test("given any items and arrows, also in circles: nothing overlaps or leaves the frame, arrows end at their items, twice the same", () => {
    const sizes = fc.array(
      fc.record({ width: fc.integer({ min: 40, max: 370 }), height: fc.integer({ min: 40, max: 600 }) }),
      {
        minLength: 1,
        maxLength: 14,
      },
    );
    const pairs = fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, pairs, (given, wanted) => {
        const items = given.map(({ width, height }, index) => item(String(index), width, height));
        const keys = new Set(
          wanted.filter(([a, b]) => a !== b && a < items.length && b < items.length).map(([a, b]) => `${a} ${b}`),
        );
        const arrows = [...keys].map((key): Arrow => {
          const [from = "", to = ""] = key.split(" ");
          return { from, to };
        });
        const layout = layoutOf(items, arrows);
        const boxes = rectangles(items, layout);
        for (const a of boxes) {
          expect(a.left).toBeGreaterThanOrEqual(-0.01);
          expect(a.top).toBeGreaterThanOrEqual(-0.01);
          expect(a.right).toBeLessThanOrEqual(layout.width + 0.01);
          expect(a.bottom).toBeLessThanOrEqual(layout.height + 0.01);
          for (const b of boxes) {
            if (a === b) continue;
            const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            expect(apart).toBe(true);
          }
        }
        arrows.forEach(({ from, to }, index) => {
          const way = layout.ways[index] ?? [];
          const [start, tip] = [way[0], way.at(-1)];
          expect(start?.x).toBe(boxes.find(({ key }) => key === from)?.right);
          expect(tip?.x).toBe(boxes.find(({ key }) => key === to)?.left);
        });
        expect(layoutOf(items, arrows)).toEqual(layout);
      }),
      { numRuns: 60 },
    );
  });
});
