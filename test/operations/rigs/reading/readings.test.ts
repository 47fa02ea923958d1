import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../../preview/graph";
import { deliveriesIn } from "../../../../operations/rigs/reading/deliveries";
import { eventOf, type EventRow, rowsIn, stepResult } from "../../../../operations/rigs/reading/events";
import { growthOf } from "../../../../operations/rigs/reading/growth";
import { executionState } from "../../../../operations/rigs/reading/status";

const done = (step: string, result: Json, type = "call.done", status = "COMPLETED"): EventRow => ({
  type,
  step,
  status,
  result,
});

describe("what a step has given", () => {
  const inner = { status: "success", context: { data: { rows: [{ id: 1 }] } } };

  test("is the same in the envelopes of both servers", () => {
    const python = stepResult([done("one", inner)], "one");
    const rust = stepResult([done("one", { status: "COMPLETED", context: { command_id: "7", result: inner } })], "one");
    expect(python).toStrictEqual({ status: "COMPLETED", context: { data: { rows: [{ id: 1 }] } } });
    expect(rust).toStrictEqual(python);
  });

  test("is its last end, failed or not", () => {
    const events = [
      done("one", inner),
      done("one", { context: { error: "no route" } }, "call.error", "FAILED"),
      done("two", inner),
    ];
    expect(stepResult(events, "one")).toStrictEqual({
      status: "FAILED",
      context: { error: "no route" },
      error: "no route",
    });
  });

  test("has a reference, which a tool may also name within what it gives", () => {
    const reference = { kind: "result_ref", ref: "noetl://execution/1/result/one/2" };
    expect(stepResult([done("one", { reference, context: { data: {} } })], "one")?.reference).toStrictEqual(reference);
    expect(stepResult([done("one", { context: { status: "success", reference } })], "one")?.reference).toStrictEqual(
      reference,
    );
  });

  test("is nothing as long as it has not ended", () => {
    expect(stepResult([done("one", null, "command.started")], "one")).toBeUndefined();
    expect(stepResult([], "one")).toBeUndefined();
  });
});

test("a row of the event log has only what it has", () => {
  expect(
    eventOf({ event_type: "command.claimed", node_name: "one", status: "RUNNING", result: null, worker_id: "pod-1" }),
  ).toStrictEqual({
    type: "command.claimed",
    step: "one",
    status: "RUNNING",
    result: null,
    worker: "pod-1",
  });
  expect(eventOf({ event_type: null, node_name: null })).toStrictEqual({
    type: "",
    step: "",
    status: "",
    result: null,
  });
});

test.each<[Json, number | undefined]>([
  [{ rows: [1, 2] }, 2],
  [{ data: { rows: [1] } }, 1],
  [{ data: { data: { rows: [] } } }, 0],
  [{ data: { data: { data: { rows: [1] } } } }, undefined],
  [{ rows: "many" }, undefined],
  [null, undefined],
])("rows of %j: %s", (value, count) => {
  expect(rowsIn(value)?.length).toBe(count);
});

describe("a counter", () => {
  const scrape = (value: number) => [
    { name: "a_total", labels: { kind: "x", pod: "1" }, value },
    { name: "a_total", labels: { kind: "y", pod: "1" }, value: 1 },
  ];

  test("grows by the difference, and from 0 when it was not there", () => {
    expect(growthOf(scrape(2), scrape(5), "a_total", { kind: "x" })).toBe(3);
    expect(growthOf([], scrape(5), "a_total")).toBe(6);
  });

  test("that is not there afterwards has not grown by 0: nobody knows", () => {
    expect(growthOf(scrape(2), [], "a_total")).toBeUndefined();
    expect(growthOf(scrape(2), scrape(5), "a_total", { kind: "z" })).toBeUndefined();
  });
});

describe("deliveries to a consumer", () => {
  const consumer = (name: string, seq: number): Json => ({ name, delivered: { consumer_seq: seq, stream_seq: 99 } });
  const jsz: Json = {
    account_details: [
      {
        name: "$G",
        stream_detail: [{ name: "NOETL_COMMANDS", consumer_detail: [consumer("noetl_worker_pool_system", 1)] }],
      },
      {
        name: "NOETL",
        stream_detail: [
          { name: "noetl_events", consumer_detail: [consumer("noetl_worker_pool_system", 2)] },
          {
            name: "NOETL_COMMANDS",
            consumer_detail: [consumer("noetl_worker_pool_shared", 3), consumer("noetl_worker_pool_system", 4)],
          },
        ],
      },
    ],
  };
  const place = { account: "NOETL", stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_system" };

  test("are those of its account and stream", () => {
    expect(deliveriesIn(jsz, place)).toBe(4);
    expect(deliveriesIn(jsz, { ...place, account: "$G" })).toBe(1);
  });

  test.each([{ account: "OTHER" }, { stream: "OTHER" }, { consumer: "other" }])("are unknown for %j", (other) => {
    expect(deliveriesIn(jsz, { ...place, ...other })).toBeUndefined();
  });
});

test.each<[Json, string, string | undefined]>([
  [{ status: "RUNNING", current_step: "one" }, "running", "one"],
  [{ status: "COMPLETED" }, "completed", undefined],
  [{ status: "failed" }, "failed", undefined],
  [{ status: "CANCELLED" }, "failed", undefined],
  [{ completed: false, failed: false, current_step: "done" }, "running", "done"],
  [{ completed: true, failed: false }, "completed", undefined],
  [{ completed: true, failed: true }, "failed", undefined],
  [{}, "running", undefined],
])("status %j: %s", (answer, state, step) => {
  expect(executionState(answer as Record<string, Json>)).toStrictEqual({ state, ...(step !== undefined && { step }) });
});
