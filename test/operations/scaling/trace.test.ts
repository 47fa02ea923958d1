import { describe, expect, test } from "@jest/globals";
import { bins } from "../../../operations/scaling/bins";
import { clock, span } from "../../../operations/scaling/time";
import { EVERY, lagSource, PATTERNS, patternTrace, readTrace } from "../../../operations/scaling/trace";

const FILE = "friday.csv";

describe("a trace from CSV", () => {
  test("holds from each second to the next row; an empty cell is no answer", () => {
    const trace = readTrace("seconds,lag\n0,0\n# a comment\n\n30,75\n60,\n90.5,3\n", FILE);
    expect(trace).toEqual({
      quantity: "lag",
      duration: 90.5,
      samples: new Map([
        [
          EVERY,
          [
            { time: 0, value: 0 },
            { time: 30, value: 75 },
            { time: 60, value: undefined },
            { time: 90.5, value: 3 },
          ],
        ],
      ]),
    });
    const source = lagSource(trace, ["any"]);
    expect([0, 29, 30, 59.9, 60, 90, 91].map((time) => source.lags(time, 1)[0])).toEqual([
      0,
      0,
      75,
      75,
      undefined,
      undefined,
      3,
    ]);
  });

  test("given a column for a consumer, that is its lag, and the first that of the others", () => {
    const source = lagSource(readTrace("seconds, lag, system\r\n0, 1, 2\r\n", FILE), ["shared", "system"]);
    expect(source.lags(0, 1)).toEqual([1, 2]);
  });

  test.each([
    ["", ":1: the first line must be seconds,lag or seconds,rate, and may go on with names of consumers"],
    ["time,lag\n0,1", ":1: the first line must be seconds,lag or seconds,rate, and may go on with names of consumers"],
    ["seconds,lag\n", ":1: there are no rows; write the lag at second 0, and whenever it changes"],
    ["seconds,lag\n5,1", ":2: the first row must be that of second 0"],
    ["seconds,lag\n0,1\n\n0,2", ":4: second 0 does not come after second 0"],
    ["seconds,lag\n0,1\n10,2,3", ":3: 3 columns instead of 2"],
    ["seconds,lag\n0,-1", ':2: "-1" is no lag'],
    ["seconds,lag\nnow,1", ':2: "now" is no number of seconds'],
    ["seconds,rate\n0,", ":2: a rate is missing; only a lag may be unknown"],
  ])("given %j, says what is wrong and where", (text, message) => {
    expect(() => readTrace(text, FILE)).toThrow(`${FILE}${message}`);
  });
});

describe("a pattern", () => {
  test.each(PATTERNS)("%s goes from little to its highest value", (name) => {
    const values = (patternTrace(name, "lag", 200).samples.get(EVERY) ?? []).map(({ value }) => value ?? NaN);
    expect([Math.min(...values) < 10, Math.max(...values) > 190, Math.max(...values) <= 200]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe("pods that work", () => {
  test("given a rate between two samples, the lag is what came less what they worked off, never below nothing", () => {
    const source = lagSource(readTrace("seconds,rate\n0,3\n10,0\n", FILE), ["one"], 1);
    expect([5, 10, 15, 40].map((time) => source.lags(time, 1)[0])).toEqual([10, 20, 15, 0]);
  });

  test("given several consumers, take from each in equal parts", () => {
    const source = lagSource(readTrace("seconds,rate,b\n0,2,1\n", FILE), ["a", "b"], 1);
    expect(source.lags(10, 2)).toEqual([10, 0]);
  });
});

describe("columns of a chart", () => {
  test("hold the highest value that holds in them, also when none begins there", () => {
    expect(
      bins(
        [
          [0, 1],
          [25, 9],
          [30, 2],
        ],
        4,
        40,
      ),
    ).toEqual([1, 1, 9, 2]);
  });

  test("are empty where there is no value", () => {
    expect(
      bins(
        [
          [0, undefined],
          [20, 5],
        ],
        4,
        40,
      ),
    ).toEqual([undefined, undefined, 5, 5]);
  });
});

test.each([
  [5, "5 s", "0:00:05"],
  [90, "1 min 30 s", "0:01:30"],
  [5400, "1 h 30 min", "1:30:00"],
  [86400, "24 h", "24:00:00"],
])("%s seconds are %s, and as a clock %s", (seconds, text, digits) => {
  expect([span(seconds), clock(seconds)]).toEqual([text, digits]);
});
