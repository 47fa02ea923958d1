import { parser } from "@prometheus-io/lezer-promql";
import { isAlert, type AlertingRule, type RuleGroup } from "../../../components/monitoring/rules";

/** Rules with one alert changed. */
export interface Mutant {
  alert: string;
  /** What was changed. */
  change: string;
  groups: RuleGroup[];
}

const OTHER_WAY: Record<string, string> = { ">": "<", "<": ">", ">=": "<", "==": "!=", "!=": "==" };

/** Every alert with each comparison turned round, each threshold moved far away, and its delay longer, shorter or gone. */
export function mutantsOf(groups: readonly RuleGroup[]): Mutant[] {
  return groups.flatMap((group) =>
    group.rules.filter(isAlert).flatMap((rule) =>
      changesOf(rule).map(([change, mutated]) => ({
        alert: rule.alert,
        change,
        groups: groups.map((each) =>
          each === group ? { ...each, rules: each.rules.map((one) => (one === rule ? mutated : one)) } : each,
        ),
      })),
    ),
  );
}

function changesOf(rule: AlertingRule): [string, AlertingRule][] {
  const { expr } = rule;
  const edits = comparisonsIn(expr).flatMap(({ operator, threshold }) => [
    { ...operator, text: OTHER_WAY[expr.slice(operator.from, operator.to)] ?? "==" },
    ...(threshold ? [{ ...threshold, text: moved(expr.slice(threshold.from, threshold.to)) }] : []),
  ]);
  return [
    ...edits.map(({ from, to, text }): [string, AlertingRule] => [
      `${expr.slice(from, to)} at ${from} becomes ${text}`,
      { ...rule, expr: `${expr.slice(0, from)}${text}${expr.slice(to)}` },
    ]),
    ["a minute later", { ...rule, for: `${minutes(rule.for) + 1}m` }],
    ...(minutes(rule.for) > 0
      ? [["a minute sooner", { ...rule, for: `${minutes(rule.for) - 1}m` }] as [string, AlertingRule]]
      : []),
  ];
}

/** Far above what it was. */
function moved(threshold: string): string {
  const value = Number(threshold);
  return String(value === 0 ? 1e9 : value * 1000);
}

interface Place {
  from: number;
  to: number;
}

/** Comparisons of the whole expression, each with the number that it compares with. */
function comparisonsIn(expr: string): { operator: Place; threshold?: Place }[] {
  const found: { operator: Place; threshold?: Place }[] = [];
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.name !== "BinaryExpr") return;
      const operator = ["Gtr", "Lss", "Gte", "Lte", "EqlC", "Neq"].map((name) => node.getChild(name)).find(Boolean);
      if (!operator) return;
      const last = node.lastChild;
      const isNumber = last?.name === "NumberDurationLiteral";
      found.push({
        operator: { from: operator.from, to: operator.to },
        ...(isNumber && { threshold: { from: last.from, to: last.to } }),
      });
    },
  });
  return found;
}

function minutes(duration = "0m"): number {
  return duration.endsWith("h") ? Number(duration.slice(0, -1)) * 60 : Number(duration.slice(0, -1));
}
