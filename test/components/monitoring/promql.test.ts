import { describe, expect, test } from "@jest/globals";
import { positionOf, readPromql } from "../../../components/monitoring/promql";

function matchersOf(text: string) {
  return readPromql(text).selectors.map(({ metric, matchers }) => [
    metric,
    ...matchers.map(({ label, operator, value }) => `${label}${operator}${value}`),
  ]);
}

describe("PromQL", () => {
  test.each([
    ["up", [["up"]]],
    ['sum(rate(foo{a="1", b!~"x|y",}[5m] offset 1m)) by (c) > 1', [["foo", "a=1", "b!~x|y"]]],
    ["foo{a=`\\d`} / on (x) group_left (y) bar", [["foo", "a=\\d"], ["bar"]]],
    ['{__name__="foo",a="b"}', [["foo", "a=b"]]],
    ['{a="b"}', [[undefined, "a=b"]]],
    ['foo{a="x\\"y\\\\"}', [["foo", 'a=x"y\\']]],
    ["max_over_time(rate(foo[5m])[1h:5m])", [["foo"]]],
    ["deriv((foo[5m]))", [["foo"]]],
    ["1 + time()", []],
  ])("given %s, when read, then its selectors are found and nothing is wrong", (text, expected) => {
    expect(readPromql(text).problems).toEqual([]);
    expect(matchersOf(text)).toEqual(expected);
  });

  test("given labels of by, on and group_left, when read, then each is found where it stands", () => {
    const text = "sum by (a, b) (foo) * on (c) group_left (d) bar";
    expect(readPromql(text).groupings.map(({ label, from }) => [label, text.slice(from, from + 1)])).toEqual([
      ["a", "a"],
      ["b", "b"],
      ["c", "c"],
      ["d", "d"],
    ]);
  });

  test.each([
    ["sum(rate(foo[5m) > 1", 'is no PromQL: there is ")" where something else must stand', 15],
    ["foo >", "is no PromQL: it ends where something else must stand", 5],
    ["nosuch(foo)", "is no PromQL: nosuch is no function", 0],
    ["", "is empty", 0],
    ["rate(foo)", "rate() wants a range such as metric[5m]", 4],
    ["abs(foo[5m])", "abs() does not take a range", 4],
    ["foo[5m] > 1", "nothing here takes a range", 0],
    ["sum(foo[5m])", "nothing here takes a range", 4],
  ])("given %j, when read, then it is told what is wrong and where", (text, message, from) => {
    expect(readPromql(text).problems).toEqual([expect.objectContaining({ message, from })]);
  });

  test("given an expression of several lines, when a place is asked for, then line and column count from 1", () => {
    expect(positionOf("sum(\n  foo\n)", 7)).toEqual({ line: 2, column: 3 });
  });
});
