import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { differenceLines, hunks } from "../../preview/line-difference";

const text = (lines: ReturnType<typeof differenceLines>, without: "+" | "-"): string =>
  lines
    .filter(({ sign }) => sign !== without)
    .map((line) => line.text)
    .join("\n");

describe("a difference of lines", () => {
  test("given a line inserted and one removed, when compared, then only these are marked", () => {
    const lines = differenceLines("a\nb\nc\nd", "a\nx\nb\nd").map(({ sign, text: line }) => sign + line);
    expect(lines).toEqual([" a", "+x", " b", "-c", " d"]);
  });

  test("given changes far apart, when cut to hunks, then a gap stands between them", () => {
    const lines = differenceLines("1\n2\n3\n4\n5\n6\n7", "x\n2\n3\n4\n5\n6\ny");
    expect(hunks(lines, 1).map((line) => (line ? line.sign + line.text : "gap"))).toEqual([
      "-1",
      "+x",
      " 2",
      "gap",
      " 6",
      "-7",
      "+y",
    ]);
  });

  test("given equal texts, when cut to hunks, then nothing is left", () => {
    expect(hunks(differenceLines("a\nb", "a\nb"), 3)).toEqual([]);
  });

  test("given texts too different to compare, when compared, then the block counts as replaced", () => {
    const lines = differenceLines(Array(600).fill("a").join("\n"), Array(600).fill("b").join("\n"));
    expect(lines).toHaveLength(1200);
  });

  test("given any two texts, when compared, then common and removed lines are the old, common and added the new", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", ""), { maxLength: 8 }).map((list) => list.join("\n"));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const result = differenceLines(before, after);
        expect(text(result, "+")).toBe(before);
        expect(text(result, "-")).toBe(after);
      }),
    );
  });
});
