import { describe, expect, test } from "@jest/globals";
import { formatProblems } from "../../../stacks/config/format";
import type { ConfigProblem } from "../../../stacks/config/problem";

describe("problems for people", () => {
  test("given problems with places, when formatted, then their columns line up", () => {
    const problems: ConfigProblem[] = [
      { path: "Pulumi.kind.yaml", line: 2, column: 1, message: "a tab indents the line", allowed: "spaces" },
      {
        path: "noetl:nats.storage",
        line: 112,
        column: 14,
        message: '"5 Gib" is not a size',
        allowed: "a size such as 5Gi",
        suggestion: "5Gi",
        next: "remove the blank",
      },
    ];
    expect(formatProblems({ source: "Pulumi.kind.yaml", problems })).toBe(
      [
        "Pulumi.kind.yaml: 2 problems",
        "",
        "  2:1     a tab indents the line",
        "          allowed: spaces",
        "",
        '  112:14  noetl:nats.storage: "5 Gib" is not a size',
        "          allowed: a size such as 5Gi",
        "          did you mean: 5Gi",
        "          next: remove the blank",
      ].join("\n"),
    );
  });

  test("given a terminal, when formatted, then place, path and suggestion stand out", () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const style = { bold: mark("b"), dim: mark("d"), red: mark("r"), cyan: mark("c") };
    const problems = [{ path: "noetl:nat", line: 3, column: 3, message: "unknown key", suggestion: "noetl:nats" }];
    expect(formatProblems({ source: "f.yaml", problems }, style)).toBe(
      "<b>f.yaml</b>: <r>1 problem</r>\n\n  <d>3:3</d>  <b>noetl:nat</b>: unknown key\n       <d>did you mean:</d> <c>noetl:nats</c>",
    );
  });

  test("given very many problems, when formatted, then the rest is counted", () => {
    const problems = Array.from({ length: 60 }, (_, index) => ({ path: `a${index}`, message: "unknown key" }));
    const text = formatProblems({ source: "f.yaml", problems });
    expect(text).toMatch(/^f\.yaml: 60 problems\n/);
    expect(text).toMatch(/a49: unknown key\n\n {2}… and 10 more problems$/);
  });
});
