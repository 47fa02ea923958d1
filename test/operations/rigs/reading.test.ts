import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseJson } from "../../../operations/rigs/http";
import { parseMetrics, sumOf } from "../../../operations/rigs/metrics";

describe("JSON with 64-bit numbers", () => {
  test("numbers that JavaScript cannot hold are texts, all others numbers", () => {
    expect(
      parseJson('{"id":320816801799737344,"low":-9223372036854775808,"n":[1,2.5,-3e2],"max":9007199254740991}'),
    ).toEqual({
      id: "320816801799737344",
      low: "-9223372036854775808",
      n: [1, 2.5, -300],
      max: 9007199254740991,
    });
  });

  test("digits inside of texts stay", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (value) => {
        const text = JSON.stringify({ value, digits: ': 320816801799737344, "' });
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 100 },
    );
  });

  test("what is no JSON is nothing", () => {
    expect(parseJson("<html>")).toBeUndefined();
    expect(parseJson("")).toBeUndefined();
  });
});

describe("what /metrics serves", () => {
  const text = [
    "# HELP noetl_events_ingested_total Events.",
    "# TYPE noetl_events_ingested_total counter",
    'noetl_events_ingested_total{event_type="a",status="ok"} 3',
    'noetl_events_ingested_total{event_type="b\\"\\\\\\n{}",status="ok",} 4.5 1700000000000',
    "up 1",
    "gone NaN",
    "most +Inf",
    "",
  ].join("\n");

  test("is read with labels, escapes and special numbers", () => {
    expect(parseMetrics(text)).toEqual([
      { name: "noetl_events_ingested_total", labels: { event_type: "a", status: "ok" }, value: 3 },
      { name: "noetl_events_ingested_total", labels: { event_type: 'b"\\\n{}', status: "ok" }, value: 4.5 },
      { name: "up", labels: {}, value: 1 },
      { name: "gone", labels: {}, value: NaN },
      { name: "most", labels: {}, value: Infinity },
    ]);
  });

  test("is summed over labels", () => {
    const samples = parseMetrics(text);

    expect(sumOf(samples, "noetl_events_ingested_total")).toBe(7.5);
    expect(sumOf(samples, "noetl_events_ingested_total", { event_type: "a" })).toBe(3);
    expect(sumOf(samples, "noetl_events_ingested_total", { event_type: "c" })).toBeUndefined();
    expect(sumOf(samples, "missing")).toBeUndefined();
  });

  test.each(["<html>", "a{b=c} 1", 'a{b="c"} x', 'a{b="c"}'])("a line that is none of it is told: %s", (line) => {
    expect(() => parseMetrics(`up 1\n${line}`)).toThrow("line 2 is no metric");
  });
});
