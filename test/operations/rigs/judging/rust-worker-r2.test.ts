import { describe, expect, test } from "@jest/globals";
import type { JsonObject } from "../../../../preview/json";
import {
  judgeInline,
  judgeLarge,
  judgeR2Metrics,
  judgeScrub,
  type R2Reading,
} from "../../../../operations/rigs/judging/rust-worker-r2";
import { end, EXECUTION, reference, rows, stored, wrong } from "./rows";

const SMALL = { data: { rows: rows(5) } };
const STORE = stored(rows(6000));

function counters(claimed: number, puts: number, bytes: number): R2Reading["before"] {
  return [
    { name: "noetl_worker_pulls_total", labels: { outcome: "claimed" }, value: claimed },
    { name: "noetl_worker_pulls_total", labels: { outcome: "retry_later" }, value: 90 },
    { name: "noetl_worker_result_store_put_duration_seconds_count", labels: {}, value: puts },
    { name: "noetl_worker_result_store_put_bytes_total", labels: {}, value: bytes },
  ];
}

function reading(big: JsonObject = {}, more: Partial<R2Reading> = {}): R2Reading {
  return {
    execution: EXECUTION,
    events: [
      end("small_select", { status: "success", context: SMALL }),
      end("big_select", {
        status: "success",
        context: { data: { _ref: "x" } },
        reference: reference("big_select", STORE, big),
      }),
    ],
    resolved: STORE,
    storedRows: 1,
    before: counters(10, 1, 5),
    after: counters(14, 2, 700_005),
    ...more,
  };
}

const all = (given: R2Reading): string[] =>
  wrong([...judgeInline(given), ...judgeLarge(given), ...judgeScrub(given), ...judgeR2Metrics(given)]);

describe("rust-worker-r2", () => {
  test("given what a worker does that is well, finds nothing", () => {
    expect(all(reading())).toStrictEqual([]);
    expect(judgeLarge(reading()).map(({ what, expected }) => `${what} = ${expected}`)).toStrictEqual([
      "big_select: status = COMPLETED",
      "big_select: kind of the reference = result_ref",
      `big_select: reference = noetl://execution/${EXECUTION}/result/big_select/…`,
      "big_select: store = one of memory, kv, disk, s3, gcs, db",
      "big_select: rows that stand in the event = 0",
      "big_select: media type in shared memory = application/vnd.apache.arrow.stream",
      "big_select: rows in shared memory = 6000",
      "big_select: digest of the schema = a text",
      "big_select: name of the shared memory = a text",
      "big_select: status of resolving its reference = 200",
      "big_select: rows in the result store = 6000",
      "big_select in the result store: columns = active, api_key, id, password, score, username",
      "big_select in the result store: rows with a credential that is not [REDACTED] = 0",
      "big_select in the result store: user names = in clear",
      "big_select: rows of its tier's table = 1",
    ]);
  });

  const ipc = { media_type: "application/json", row_count: 5999, schema_digest: "", shm_name: null };

  test.each<[string, R2Reading, string[]]>([
    ["another kind", reading({ kind: "arrow_ipc" }), ["big_select: kind of the reference: arrow_ipc"]],
    [
      "the reference of another execution",
      reading({ ref: "noetl://execution/1/result/big_select/900" }),
      ["big_select: reference: noetl://execution/1/result/big_select/900"],
    ],
    ["a store that nobody knows", reading({ store: "tape" }), ["big_select: store: tape"]],
    [
      "no Arrow in shared memory",
      reading({ ipc }),
      [
        "big_select: media type in shared memory: application/json",
        "big_select: rows in shared memory: 5999",
        "big_select: digest of the schema: ",
        "big_select: name of the shared memory: nothing",
      ],
    ],
    [
      "a row lost in the store",
      reading({}, { resolved: stored(rows(5999)) }),
      ["big_select: rows in the result store: 5999"],
    ],
    [
      "a credential in the store",
      reading({}, { resolved: stored(rows(6000, (id) => (id === 77 ? { password: "planted-77" } : {}))) }),
      [
        "big_select in the result store: rows with a credential that is not [REDACTED]: 1",
        "result store: credentials in clear: 1",
      ],
    ],
    [
      "a name hidden that is no credential",
      reading({}, { resolved: stored(rows(6000, () => ({ username: "[REDACTED]" }))) }),
      ["big_select in the result store: user names: [REDACTED]"],
    ],
    [
      "no such result in the store",
      reading({}, { resolved: { status: 404, text: '{"error":"result not found"}' } }),
      [
        "big_select: status of resolving its reference: 404",
        "big_select: rows in the result store: 0",
        "big_select in the result store: columns: ",
        "big_select in the result store: user names: no rows",
      ],
    ],
    ["no row in the table of its tier", reading({}, { storedRows: 0 }), ["big_select: rows of its tier's table: 0"]],
    [
      "no metrics",
      reading({}, { after: [] }),
      [
        "commands that Rust workers have claimed: nothing",
        "results that they have stored: nothing",
        "bytes that they have stored: nothing",
      ],
    ],
    [
      "a failed store",
      reading(
        {},
        {
          after: [
            ...counters(14, 2, 700_005),
            { name: "noetl_worker_result_store_put_errors_total", labels: {}, value: 1 },
          ],
        },
      ),
      ["results that they could not store: 1"],
    ],
    [
      "commands that another pool has claimed",
      reading({}, { after: counters(12, 2, 700_005) }),
      ["commands that Rust workers have claimed: 2"],
    ],
  ])("given %s, says so and nothing else", (_, given, expected) => {
    expect(all(given)).toStrictEqual(expected);
  });

  test("given a large result that stands in its event, says so", () => {
    const [small, big] = reading().events;
    const events = [small, { ...big, result: { context: { data: { rows: rows(6000) } } } }] as R2Reading["events"];
    expect(wrong(judgeLarge(reading({}, { events }))).slice(0, 5)).toStrictEqual([
      "big_select: kind of the reference: nothing",
      "big_select: reference: nothing",
      "big_select: store: nothing",
      "big_select: rows that stand in the event: 6000",
      "big_select: media type in shared memory: nothing",
    ]);
  });

  test("given a credential in the small result, finds it twice: in its row, and in the log", () => {
    const open = rows(5, (id) => (id === 1 ? { api_key: "planted-key-1" } : {}));
    const events = [end("small_select", { context: { data: { rows: open } } })];
    expect(wrong([...judgeInline(reading({}, { events })), ...judgeScrub(reading({}, { events }))])).toStrictEqual([
      "small_select: rows with a credential that is not [REDACTED]: 1",
      "events of the execution: credentials in clear: 1",
    ]);
  });
});
