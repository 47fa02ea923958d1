import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  judgeLoad,
  LOAD_SETTINGS,
  loadOf,
  type LoadReading,
  paceOf,
  requestsOf,
} from "../../../../operations/rigs/judging/load";
import type { Rig } from "../../../../operations/rigs/rig";
import { settingsOf } from "../../../../operations/rigs/settings";
import { wrong } from "./rows";

describe("a load", () => {
  const rig = { name: "load-smoke", settings: LOAD_SETTINGS } as unknown as Rig;
  const asked = (...given: string[]) => loadOf(settingsOf(rig, given));

  test("is small by default, and takes what is asked within its bounds", () => {
    expect(asked()).toStrictEqual({ rate: 50, seconds: 10, total: 500 });
    expect(asked("rate=1000", "seconds=60", "total=60000")).toStrictEqual({ rate: 1000, seconds: 60, total: 60_000 });
  });

  test("is refused beyond its bounds, with all that is wrong", () => {
    expect(() => asked("rate=1001", "seconds=0", "total=1.5", "speed=9", "rate")).toThrow(
      [
        "--set rate=1001: allowed are whole numbers from 1 to 1000",
        "--set seconds=0: allowed are whole numbers from 1 to 60",
        "--set total=1.5: allowed are whole numbers from 1 to 60000",
        "--set speed=9: rig load-smoke has no setting 'speed'; allowed: rate, seconds, total",
        "--set rate: allowed are whole numbers from 1 to 1000",
      ].join("\n"),
    );
    expect(() => settingsOf({ name: "other" } as unknown as Rig, ["rate=1"])).toThrow(
      "--set rate=1: rig other has no setting 'rate'; allowed: none",
    );
  });

  test("property: never sends more than any bound allows", () => {
    const upTo = (largest: number) => fc.integer({ min: 1, max: largest });
    fc.assert(
      fc.property(upTo(1000), upTo(60), upTo(60_000), (rate, seconds, total) => {
        const requests = requestsOf(asked(`rate=${rate}`, `seconds=${seconds}`, `total=${total}`));
        expect(requests).toBeLessThanOrEqual(Math.min(total, rate * seconds));
        expect(requests).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});

const counted = (ok: number, error = 0): LoadReading["before"] => [
  { name: "noetl_events_ingested_total", labels: { event_type: "step.enter", status: "ok" }, value: ok },
  { name: "noetl_events_ingested_total", labels: { event_type: "step.enter", status: "error" }, value: error },
  { name: "noetl_events_ingested_total", labels: { event_type: "call.done", status: "ok" }, value: 1000 },
];

function reading(more: Partial<LoadReading> = {}): LoadReading {
  return {
    load: { rate: 50, seconds: 10, total: 500 },
    sent: 500,
    answers: new Map([[200, 500]]),
    took: 10_000,
    durations: Array.from({ length: 100 }, (_, index) => index + 1),
    stored: 500,
    before: [],
    after: counted(500),
    ...more,
  };
}

describe("load-smoke", () => {
  test("given that all is accepted, stored and counted, finds nothing, and tells the pace", () => {
    expect(wrong(judgeLoad(reading()))).toStrictEqual([]);
    expect(paceOf(reading())).toBe(
      "500 events in 10.0 s (50 a second); half of the answers within 50 ms, 95 % within 95 ms, 99 % within 99 ms",
    );
  });

  test.each<[string, Partial<LoadReading>, string[]]>([
    [
      "lost events",
      { stored: 490, after: counted(490) },
      ["rows of the event log, of those accepted: 490", "events that the server has counted: 490"],
    ],
    [
      "refused events",
      {
        answers: new Map([
          [200, 497],
          [503, 2],
          [0, 1],
        ]),
        stored: 497,
        after: counted(497, 2),
      },
      ["events that were not accepted: 2 with 503, 1 with no answer", "events that it has counted as errors: 2"],
    ],
    ["no metrics", { after: [] }, ["events that the server has counted: nothing"]],
    [
      "more than allowed",
      { sent: 501, answers: new Map([[200, 501]]), stored: 501, after: counted(501) },
      ["events sent: 501"],
    ],
    ["nothing sent", { sent: 0, answers: new Map(), stored: 0 }, ["events sent: 0"]],
  ])("given %s, says so and nothing else", (_, more, expected) => {
    expect(wrong(judgeLoad(reading(more)))).toStrictEqual(expected);
  });
});
