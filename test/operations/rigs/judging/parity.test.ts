import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Json } from "../../../../preview/graph";
import { differences, judgeParity } from "../../../../operations/rigs/judging/parity";

const pair = (python: Json, rust: Json, statuses: [number, number] = [200, 200]) =>
  judgeParity({
    request: "GET /api/pool/status",
    python: { status: statuses[0], json: python },
    rust: { status: statuses[1], json: rust },
  });

describe("server-parity", () => {
  test("given the same fields and values, whatever their order and the moment, finds nothing", () => {
    expect(
      pair(
        { status: "ok", pool: { size: 10 }, timestamp: "now" },
        { pool: { size: 10 }, status: "ok", timestamp: null },
      ),
    ).toStrictEqual({
      what: "GET /api/pool/status",
      expected: "the same answer",
      seen: "the same answer",
      ok: true,
    });
  });

  test.each<[string, Json, Json, string]>([
    ["a field of another name", { max_size: 10 }, { max: 10 }, ".max: only in Rust; .max_size: only in Python"],
    ["another value", { pool: [{ size: 10 }] }, { pool: [{ size: 5 }] }, ".pool[0].size: 10, not 5"],
    ["another kind", { id: 1 }, { id: "1" }, '.id: 1, not "1"'],
    ["an object where a list was", [], {}, ": a list of 0, not an object"],
    ["more entries", [1], [1, 2], ": 1 entries, not 2"],
    [
      "a moment that is missing, and one of another kind",
      { ended_at: 1, pid: 1 },
      { pid: "1" },
      '.ended_at: only in Python; .pid: 1, not "1"',
    ],
    ["null where nothing was", { a: null }, {}, ".a: only in Python"],
    [
      "many differences",
      { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: "x".repeat(50) },
      { a: 2, b: 2, c: 2, d: 2, e: 2, f: 2, g: "y" },
      ".a: 1, not 2; .b: 1, not 2; .c: 1, not 2; .d: 1, not 2; .e: 1, not 2; and 2 more",
    ],
  ])("given %s, says where", (_, python, rust, seen) => {
    expect(pair(python, rust)).toMatchObject({ seen, ok: false });
  });

  test("given another status, says both; given the same error, leaves it at that", () => {
    expect(pair({}, {}, [200, 404])).toMatchObject({
      expected: "HTTP 200, as the server in Python",
      seen: "HTTP 404",
      ok: false,
    });
    expect(pair({ detail: "x" }, { error: "y" }, [404, 404])).toMatchObject({ seen: "both answer HTTP 404", ok: true });
  });

  test("property: a value does not differ from itself, and two values differ both ways or not at all", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(differences(one as Json, JSON.parse(JSON.stringify(one)) as Json)).toStrictEqual([]);
        const ways = [differences(one as Json, other as Json), differences(other as Json, one as Json)];
        expect(ways[0]?.length).toBe(ways[1]?.length);
      }),
      { numRuns: 100 },
    );
  });
});
