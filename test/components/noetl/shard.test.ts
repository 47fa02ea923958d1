import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MAX_SHARDS, parseExecutionId, shardFunction, type ShardOf } from "../../../components/noetl/shard";

const COUNTS = [2, 4, 8, 16, 64, 1024];
/** Shards of known executions, for each of the counts; server and gateway say the same. */
const VECTORS: [string, number[]][] = [
  ["1", [1, 1, 5, 5, 21, 405]],
  ["42", [1, 3, 3, 3, 19, 851]],
  ["325", [0, 0, 4, 4, 36, 868]],
  ["9999999999", [1, 3, 7, 7, 55, 823]],
  ["320816801799737344", [0, 2, 6, 14, 62, 702]],
  ["9223372036854775807", [0, 0, 4, 12, 12, 780]],
  ["-1", [1, 1, 1, 9, 9, 713]],
];

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;
const anyId = fc.bigInt({ min: LOWEST, max: HIGHEST });
const anyCount = fc.integer({ min: 1, max: MAX_SHARDS });

describe("the shard function", () => {
  let shardOf: ShardOf;
  beforeAll(async () => {
    shardOf = await shardFunction();
  });

  test.each(VECTORS)("puts execution %s where server and gateway put it", (id, shards) => {
    expect(COUNTS.map((count) => shardOf(BigInt(id), count))).toEqual(shards);
  });

  test("is XxHash64 as its specification has it, for any id and count", () => {
    fc.assert(
      fc.property(anyId, anyCount, (id, count) => {
        expect(shardOf(id, count)).toBe(Number(specified(id) % BigInt(count)));
      }),
    );
  });

  test("given one shard, it owns everything", () => {
    fc.assert(fc.property(anyId, (id) => shardOf(id, 1) === 0));
  });

  test.each([0, -1, 1.5, 1025, NaN])("given %s shards, it refuses", (count) => {
    expect(() => shardOf(1n, count)).toThrow(RangeError);
  });

  test.each([LOWEST - 1n, HIGHEST + 1n])("given %s, which has no 64 bits, it refuses instead of cutting it", (id) => {
    expect(() => shardOf(id, 4)).toThrow(RangeError);
  });
});

describe("an execution id in writing", () => {
  test("given any id, it is read to the last digit", () => {
    fc.assert(fc.property(anyId, (id) => parseExecutionId(id.toString()) === id));
  });

  test.each([
    ["+7", 7n],
    ["-0", 0n],
    ["007", 7n],
  ])("given %s, it is %s", (text, id) => {
    expect(parseExecutionId(text)).toBe(id);
  });

  test.each([
    "",
    "abc",
    "1.0",
    "1e3",
    "0x10",
    " 1",
    "--1",
    "9223372036854775808",
    "-9223372036854775809",
    "9".repeat(41),
  ])("given '%s', it is none", (text) => {
    expect(parseExecutionId(text)).toBeUndefined();
  });
});

const MASK = 2n ** 64n - 1n;
const rotated = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & MASK;

/**
 * XxHash64 with seed 0 of the eight little-endian bytes of an id, written down from the algorithm's description.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
function specified(id: bigint): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const lane = BigInt.asUintN(64, id);
  const round = (rotated((lane * p2) & MASK, 31n) * p1) & MASK;
  let hash = (p5 + 8n) & MASK;
  hash = (rotated(hash ^ round, 27n) * p1 + p4) & MASK;
  hash = ((hash ^ (hash >> 33n)) * p2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * p3) & MASK;
  return hash ^ (hash >> 32n);
}
