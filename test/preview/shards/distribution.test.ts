import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { shardFunction, type ShardOf } from "../../../components/noetl/shard";
import { deviation, distribution, spreadOf, titleOf } from "../../../preview/shards/distribution";
import { distributionPicture } from "../../../preview/shards/picture";
import { distributionText } from "../../../preview/shards/text";
import { plain } from "../../../preview/style";

/** Three of eight ids go to shard 0, the others to shard 1. */
const LOPSIDED: ShardOf = (id) => (id <= 3n ? 0 : 1);
const EIGHT = { first: 1n, last: 8n };

describe("the distribution of a range", () => {
  let shardOf: ShardOf;
  beforeAll(async () => {
    shardOf = await shardFunction();
  });

  test("counts each id once", () => {
    expect(distribution(LOPSIDED, EIGHT, 2)).toEqual({
      range: EIGHT,
      counts: [3, 5],
      ids: 8,
      mean: 4,
      lowest: 0,
      highest: 1,
    });
  });

  test("given ids beyond a JavaScript number, it counts all of them", () => {
    const last = 2n ** 63n - 1n;
    expect(distribution(shardOf, { first: last - 9n, last }, 4).counts.reduce((a, b) => a + b)).toBe(10);
  });

  test("given any range and count, all ids are counted", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.integer({ min: 1, max: 500 }), (first, size) => {
        const { counts, ids } = distribution(shardOf, { first, last: first + BigInt(size) - 1n }, 8);
        expect([ids, counts.reduce((a, b) => a + b)]).toEqual([size, size]);
      }),
    );
  });

  test("is even for ids in a row, as those of a few milliseconds are", () => {
    const { counts, mean } = distribution(shardOf, { first: 320816801799737344n, last: 320816801799802879n }, 16);
    for (const count of counts) expect(Math.abs(count - mean) / mean).toBeLessThan(0.1);
  });

  test("says how far a shard is from the mean", () => {
    const shown = distribution(LOPSIDED, EIGHT, 2);
    expect([deviation(shown, 0), deviation(shown, 1)]).toEqual(["−25.0 %", "+25.0 %"]);
    expect(
      deviation(
        distribution((id) => Number(id % 2n), EIGHT, 2),
        0,
      ),
    ).toBe("±0 %");
  });

  test("has a title and a spread", () => {
    const shown = distribution(LOPSIDED, EIGHT, 2);
    expect(titleOf(shown)).toBe("8 ids from 1 to 8 on 2 shards");
    expect(spreadOf(shown)).toBe("fewest: shard 0 with 3 (−25.0 %), most: shard 1 with 5 (+25.0 %)");
    expect(titleOf(distribution(() => 0, { first: 7n, last: 7n }, 1))).toBe("1 id from 7 to 7 on 1 shard");
  });
});

describe("a distribution for people", () => {
  test("is one bar a shard, the longest for the fullest", () => {
    expect(distributionText(distribution(LOPSIDED, EIGHT, 2), plain)).toBe(
      [
        "8 ids from 1 to 8 on 2 shards",
        "",
        `0  ${"█".repeat(24)}${" ".repeat(16)}  3  −25.0 %`,
        `1  ${"█".repeat(40)}  5  +25.0 %`,
        "",
        "fewest: shard 0 with 3 (−25.0 %), most: shard 1 with 5 (+25.0 %)",
        "",
      ].join("\n"),
    );
  });

  test("given more shards than bars, it keeps to the spread", () => {
    expect(distributionText(distribution(LOPSIDED, EIGHT, 65), plain).split("\n")).toHaveLength(4);
  });

  test("as a picture, it is a bar for each shard with its number, and a line at the mean", () => {
    const svg = distributionPicture(distribution(LOPSIDED, EIGHT, 2));
    expect(svg.match(/class="workload-ink"/g)).toHaveLength(2);
    expect(svg.match(/class="warn"/g)).toHaveLength(1);
    expect(svg).toContain(">+25.0 %</text>");
    expect(svg).toContain('<title id="noetl-shards-title">8 ids from 1 to 8 on 2 shards</title>');
  });

  test("as a picture of many shards, it has all bars and no numbers that would overlap", () => {
    const svg = distributionPicture(distribution(LOPSIDED, EIGHT, 1024));
    expect(svg.match(/class="workload-ink"/g)).toHaveLength(1024);
    expect(svg).not.toContain('class="name mono ink"');
  });
});
