import { describe, expect, test } from "@jest/globals";
import { judgeDigest, rowsDigest } from "../../../../operations/rigs/judging/references";
import {
  type FetchReading,
  judgeFetch,
  judgeFetchMetrics,
  judgeProducer,
} from "../../../../operations/rigs/judging/result-fetch";
import { end, EXECUTION, reference, rows, stored, wrong } from "./rows";

const STORE = stored(rows(6000));
/** The same rows, in another order of keys, one level further down: as a fetch stores them. */
const FETCHED = {
  status: 200,
  text: JSON.stringify({
    data: { data: { rows: rows(6000).map((row) => Object.fromEntries(Object.entries(row).reverse())) } },
  }),
};

const kinds = (duckdb: number, fetches: number, errors = 0): FetchReading["before"] => [
  { name: "noetl_worker_dispatch_duration_seconds_count", labels: { tool_kind: "duckdb" }, value: duckdb },
  { name: "noetl_worker_dispatch_duration_seconds_count", labels: { tool_kind: "result_fetch" }, value: fetches },
  { name: "noetl_worker_dispatch_errors_total", labels: { tool_kind: "result_fetch" }, value: errors },
];

function reading(more: Partial<FetchReading> = {}): FetchReading {
  return {
    execution: EXECUTION,
    events: [
      end("producer", { reference: reference("producer", STORE), context: {} }),
      end("fetch", { context: { status: "success", reference: reference("fetch", FETCHED) } }),
    ],
    resolved: new Map([
      ["producer", STORE],
      ["fetch", FETCHED],
    ]),
    before: kinds(1, 4, 2),
    after: kinds(2, 6, 2),
    ...more,
  };
}

describe("result-fetch", () => {
  test("given the same rows over another way, finds nothing", () => {
    const given = reading();
    expect(
      wrong([...judgeProducer(given), ...judgeFetch("fetch", given), ...judgeFetchMetrics(given, 2)]),
    ).toStrictEqual([]);
  });

  test("given other rows, tells both digests", () => {
    const other = stored(rows(6000, (id) => (id === 6000 ? { score: 1 } : {})));
    const found = judgeFetch(
      "fetch",
      reading({
        resolved: new Map([
          ["producer", STORE],
          ["fetch", other],
        ]),
      }),
    );
    expect(found.filter(({ ok }) => !ok)).toStrictEqual([
      {
        what: "fetch: SHA-256 of the rows",
        expected: rowsDigest(rows(6000)),
        seen: rowsDigest(rows(6000, (id) => (id === 6000 ? { score: 1 } : {}))),
        ok: false,
      },
    ]);
  });

  test("given nothing fetched and nothing made, that is not the same", () => {
    const none = stored([]);
    const found = judgeFetch(
      "fetch",
      reading({
        resolved: new Map([
          ["producer", none],
          ["fetch", none],
        ]),
      }),
    );
    expect(wrong(found)).toContain("fetch: SHA-256 of the rows: no rows");
  });

  test("given a fetch that fails, says why", () => {
    const failed = {
      type: "call.error",
      step: "fetch",
      status: "FAILED",
      result: { context: { error: "unauthenticated" } },
    };
    const found = judgeFetch("fetch", reading({ events: [failed], resolved: new Map([["producer", STORE]]) }));
    expect(wrong(found).slice(0, 3)).toStrictEqual([
      "fetch: status: FAILED: unauthenticated",
      "fetch: kind of the reference: nothing",
      "fetch: reference: nothing",
    ]);
  });

  test("given a tool that says error in a result that stands as completed, says so", () => {
    const events = [end("fetch", { context: { status: "error", reference: reference("fetch", FETCHED) } })];
    expect(wrong(judgeFetch("fetch", reading({ events })))).toStrictEqual(["fetch: what its tool says: error"]);
  });

  test.each<[string, FetchReading["after"], string[]]>([
    ["a fetch too few", kinds(2, 5, 2), ["runs of tool result_fetch that they have counted: 1"]],
    ["a failure", kinds(2, 6, 3), ["failures of tool result_fetch that they have counted: 1"]],
    [
      "no metrics",
      [],
      [
        "runs of tool duckdb that the workers have counted: nothing",
        "runs of tool result_fetch that they have counted: nothing",
      ],
    ],
  ])("given %s counted, says so", (_, after, expected) => {
    expect(wrong(judgeFetchMetrics(reading({ after }), 2))).toStrictEqual(expected);
  });
});

describe("the SHA-256 that a reference tells", () => {
  test("is that of the body, or of the body as Python writes it", () => {
    expect(judgeDigest("one", reference("one", STORE), STORE).ok).toBe(true);
    const body = { status: 200, text: '{"a":"b:c,d","e":[1,2]}' };
    const python = { status: 200, text: '{"a": "b:c,d", "e": [1, 2]}' };
    expect(judgeDigest("one", reference("one", python), body).ok).toBe(true);
  });

  test.each([
    [reference("one", STORE, { meta: { sha256: "00" } })],
    [reference("one", STORE, { meta: {} })],
    [undefined],
  ])("is wrong when it is another one, or none", (told) => {
    expect(judgeDigest("one", told, STORE).ok).toBe(false);
  });
});
