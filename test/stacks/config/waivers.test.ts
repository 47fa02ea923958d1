import { describe, expect, test } from "@jest/globals";
import { configOf, problemsOf, stackText } from "./support";

const waiver = (lines: Record<string, string>): string => {
  const all = { rule: "volume-shrunk", reason: "the data was moved out", until: '"2027-03-31"', ...lines };
  const [first = "", ...rest] = Object.entries(all).map(([key, value]) => `${key}: ${value}`);
  return stackText(["noetl:waivers:", `  - ${first}`, ...rest.map((line) => `    ${line}`)].join("\n"));
};

describe("noetl:waivers", () => {
  test("given a waiver, when read, then it is as written", () => {
    expect(configOf(waiver({ resource: "StatefulSet nats" })).waivers).toEqual([
      { rule: "volume-shrunk", resource: "StatefulSet nats", reason: "the data was moved out", until: "2027-03-31" },
    ]);
  });

  test("given no waivers, when read, then there are none", () => {
    expect(configOf(stackText("noetl:nats: {}")).waivers).toEqual([]);
  });

  test.each([
    ["an unquoted day", { until: "2027-03-31" }, "2027-03-31 is a date to Pulumi, not text"],
    ["a day that no calendar has", { until: '"2027-02-30"' }, '"2027-02-30" is not a date'],
    ["a time", { until: '"2027-02-01T10:00"' }, '"2027-02-01T10:00" is not a date'],
    ["a reason that says nothing", { reason: "because" }, '"because" is not a reason'],
    ["a reason of spaces", { reason: '"a          "' }, '"a          " is not a reason'],
    ["a rule that is none", { rule: "Volume Shrunk" }, '"Volume Shrunk" is not a rule'],
  ])("given %s, when read, then it is refused", (_, lines, message) => {
    expect(problemsOf(waiver(lines)).map((problem) => problem.message)).toEqual([message]);
  });

  test("given neither reason nor end, when read, then both are missing", () => {
    const problems = problemsOf(stackText("noetl:waivers:\n  - rule: volume-shrunk"));
    expect(problems.map(({ path, message, allowed }) => [path, message, allowed])).toEqual([
      ["noetl:waivers[0].reason", "is missing", "a line of 10 to 500 characters"],
      ["noetl:waivers[0].until", "is missing", 'a day such as "2027-03-31", in quotes'],
    ]);
  });
});
