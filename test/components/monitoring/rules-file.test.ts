import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readPromql } from "../../../components/monitoring/promql";
import { rulesFile, scoped, scopedExpr, ScopeError } from "../../../components/monitoring/rules-file";
import type { RuleGroup } from "../../../components/monitoring/rules";

const GROUP: RuleGroup = {
  name: "g",
  interval: "15s",
  scope: "namespace",
  rules: [
    { record: "noetl:x", expr: "sum(up)" },
    {
      alert: "XLow",
      expr: "noetl:x < 1",
      for: "5m",
      severity: "critical",
      component: "server",
      labels: { team: "a" },
      summary: "s",
      description: "d",
    },
  ],
};

const SCOPE = { project_id: "p", location: "l", cluster: "c", namespace: "noetl" };

describe("rules file", () => {
  test("given groups, when written, then it is what Prometheus reads, with the page of each alert", () => {
    expect(rulesFile([GROUP])).toEqual({
      groups: [
        {
          name: "g",
          interval: "15s",
          rules: [
            { record: "noetl:x", expr: "sum(up)" },
            {
              alert: "XLow",
              expr: "noetl:x < 1",
              for: "5m",
              labels: { severity: "critical", component: "server", team: "a" },
              annotations: { summary: "s", description: "d", runbook: "docs/runbooks/XLow.md" },
            },
          ],
        },
      ],
    });
  });

  test("given where the pages are, when written, then each alert has the URL of its own", () => {
    const file = rulesFile([GROUP], { url: "https://example.com/runbooks/" });
    expect(file.groups[0]?.rules[1]?.annotations).toEqual({
      summary: "s",
      description: "d",
      runbook_url: "https://example.com/runbooks/XLow.md#xlow",
    });
  });
});

describe("scope", () => {
  test.each([
    ["up", 'up{project_id="p",location="l",cluster="c",namespace="noetl"}'],
    ['up{a="b"}', 'up{a="b",project_id="p",location="l",cluster="c",namespace="noetl"}'],
    ["up{}", 'up{project_id="p",location="l",cluster="c",namespace="noetl"}'],
    ['up{a="b", }', 'up{a="b", project_id="p",location="l",cluster="c",namespace="noetl"}'],
    [
      "sum(rate(foo[5m])) / absent(bar)",
      'sum(rate(foo{project_id="p",location="l",cluster="c",namespace="noetl"}[5m])) / absent(bar{project_id="p",location="l",cluster="c",namespace="noetl"})',
    ],
    ["time() > vector(1)", "time() > vector(1)"],
  ])("given %s, when scoped, then every selector has the labels", (expr, expected) => {
    expect(scopedExpr(expr, SCOPE)).toBe(expected);
  });

  test("given a rule, when scoped, then its results have the labels, too", () => {
    expect(scoped(rulesFile([GROUP]), { cluster: "c" }).groups[0]?.rules.map(({ labels }) => labels)).toEqual([
      { cluster: "c" },
      { severity: "critical", component: "server", team: "a", cluster: "c" },
    ]);
  });

  test.each(['up{namespace="nats"}', 'up{namespace!="noetl"}', 'up{namespace=~"noetl"}'])(
    "given %s, when scoped to another namespace, then it is refused as the evaluator does",
    (expr) => {
      expect(() => scopedExpr(expr, SCOPE)).toThrow(ScopeError);
    },
  );

  test("given a rule that sets a label of the scope, when scoped, then it is refused", () => {
    const file = {
      groups: [{ name: "g", interval: "1m", rules: [{ alert: "A", expr: "up", labels: { cluster: "x" } }] }],
    };
    expect(() => scoped(file, SCOPE)).toThrow("A: label cluster is set by the scope");
  });

  test("given any expression of these parts, when scoped, then only matchers are added", () => {
    const selector = fc.constantFrom(
      "up",
      'foo{a="b"}',
      "bar{}",
      "rate(baz[5m])",
      'q{x=~"a|}",}',
      "max_over_time(foo[1h:1m])",
    );
    const expr = fc
      .array(fc.tuple(selector, fc.constantFrom(" + ", " and ", " unless on (a) ")), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.map(([one, operator], index) => (index === 0 ? one : `${operator}${one}`)).join(""));
    fc.assert(
      fc.property(expr, (text) => {
        const before = readPromql(text);
        const after = readPromql(scopedExpr(text, SCOPE));
        expect(after.problems).toEqual([]);
        expect(after.selectors.map(({ metric }) => metric)).toEqual(before.selectors.map(({ metric }) => metric));
        for (const { matchers } of after.selectors) {
          expect(matchers.slice(-4).map(({ label, value }) => [label, value])).toEqual(Object.entries(SCOPE));
        }
      }),
    );
  });
});
