import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../../preview/graph";
import {
  judgeGate,
  judgeOutbox,
  judgeProjection,
  type OutboxReading,
} from "../../../../operations/rigs/judging/internal-api";
import { wrong } from "./rows";

const ok = (json: Json) => ({ status: 200, json });
const row = (id: number) => ({ outbox_id: id, event_id: 100 + id, attempts: 1, payload: {} });

function outbox(more: Partial<OutboxReading> = {}): OutboxReading {
  return {
    own: ["7", "8", "11"],
    pending: ok({ pending: 3 }),
    claim: ok({ claimed: 2, rows: [row(8), row(7)] }),
    markPublished: ok({ marked: 2 }),
    pendingAfter: ok({ pending: 1 }),
    claimAgain: ok({ claimed: 1, rows: [row(11)] }),
    markFailed: ok({ marked: true, available_at_in: 1 }),
    states: new Map([
      ["7", "PUBLISHED"],
      ["8", "PUBLISHED"],
      ["11", "FAILED"],
    ]),
    ...more,
  };
}

describe("the gate of the internal API", () => {
  test.each([
    [401, true],
    [403, true],
    [200, false],
    [400, false],
    [404, false],
    [503, false],
  ])("a request that is answered with %d is refused: %s", (status, isRefused) => {
    expect(judgeGate([{ request: "GET /api/internal/outbox/pending-count without a token", status }])).toStrictEqual([
      {
        what: "GET /api/internal/outbox/pending-count without a token",
        expected: "401 or 403",
        seen: String(status),
        ok: isRefused,
      },
    ]);
  });
});

describe("the outbox", () => {
  test("given rows that go the right way, finds nothing", () => {
    expect(wrong(judgeOutbox(outbox()))).toStrictEqual([]);
  });

  test.each<[string, Partial<OutboxReading>, string[]]>([
    [
      "published rows that come back",
      {
        pendingAfter: ok({ pending: 3 }),
        claimAgain: ok({ claimed: 3, rows: [row(11), row(7), row(8)] }),
        states: new Map([
          ["7", "IN_FLIGHT"],
          ["8", "IN_FLIGHT"],
          ["11", "FAILED"],
        ]),
      },
      [
        "pending-count then: 3",
        "claim again: its rows: 7, 8, 11",
        "row 7 in the database: IN_FLIGHT",
        "row 8 in the database: IN_FLIGHT",
      ],
    ],
    ["rows of somebody else", { claim: ok({ claimed: 2, rows: [row(1), row(7)] }) }, ["claim of 2: its rows: 1, 7"]],
    [
      "a claim that counts otherwise",
      { claim: ok({ claimed: 3, rows: [row(7), row(8)] }) },
      ["claim of 2: rows that it says: 3"],
    ],
    [
      "no backoff",
      { markFailed: ok({ marked: true, available_at_in: 0 }) },
      ["mark-failed: seconds until it is tried again: 0"],
    ],
    [
      "an error",
      { markPublished: { status: 500, json: { error: "gone" } } },
      ['mark-published: rows: HTTP 500: {"error":"gone"}'],
    ],
    [
      "a claim without rows",
      { claim: ok({}) },
      ["claim of 2: rows that it says: nothing", "claim of 2: its rows: ", "claim: attempts of a row: nothing"],
    ],
  ])("given %s, says so and nothing else", (_, more, expected) => {
    expect(wrong(judgeOutbox(outbox(more)))).toStrictEqual(expected);
  });
});

describe("projected events", () => {
  const first = ok({ projected: 2, duplicates: 0 });
  const second = ok({ projected: 0, duplicates: 2 });

  test("are written once", () => {
    expect(wrong(judgeProjection({ first, second, rows: 2 }))).toStrictEqual([]);
  });

  test("are not when they count again, or there are more rows", () => {
    expect(wrong(judgeProjection({ first, second: first, rows: 4 }))).toStrictEqual([
      "the same again: projected: 2",
      "the same again: duplicates: 0",
      "rows of the event log: 4",
    ]);
  });
});
