import { type Exporter, findSeries, nearNames, RESERVED_LABELS, seriesNames, TARGET_LABELS } from "./metrics";
import { type GroupingLabel, type Matcher, positionOf, readPromql, type Selector, type Span } from "./promql";
import { isAlert, type Rule, type RuleGroup, ruleName, SEVERITIES } from "./rules";

/** Something that is wrong with a rule. */
export interface RuleProblem {
  /** The group, by its place in the list. */
  group: number;
  /** The rule within it; undefined for the group itself. */
  rule?: number | undefined;
  /** Field of the rule, or of the group. */
  field: "name" | "interval" | "alert" | "record" | "expr" | "for" | "labels" | "severity" | "runbookUrl";
  /** What is wrong, as a sentence whose subject is the field's value or the rule. */
  message: string;
  /** What may stand there. */
  allowed?: string | undefined;
}

/** What the rules may use beside the metrics of the catalogue. */
export interface Surroundings {
  /** Groups that are there already: names of alerts and records, and series that were recorded. */
  others?: readonly RuleGroup[] | undefined;
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const RECORD = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const DURATION = /^([1-9]\d*(ms|s|m|h|d|w|y))+$/;
/** What neither rules nor the rule model may set: the evaluator does. */
const FIXED = ["severity", "component", "alertname", ...RESERVED_LABELS] as const;

/**
 * Everything that is wrong with rules, all at once: names, labels, PromQL, metrics and labels that nobody exports, what
 * Google Managed Prometheus refuses, and names that are taken.
 */
export function problemsOf(groups: readonly RuleGroup[], { others = [] }: Surroundings = {}): RuleProblem[] {
  const known = [...others, ...groups];
  return [
    ...groups.flatMap((group, index) => [
      ...groupProblems(group).map((problem) => ({ ...problem, group: index })),
      ...group.rules.flatMap((rule, at) =>
        ruleProblems(rule, group, known).map((problem) => ({ ...problem, group: index, rule: at })),
      ),
    ]),
    ...takenNames(groups, others),
  ];
}

/** Who must be scraped for an expression to mean anything; recorded series stand for what they were recorded from. */
export function exportersOf(expr: string, groups: readonly RuleGroup[]): Exporter[] {
  const found = readPromql(expr).selectors.flatMap(({ metric = "" }): Exporter[] => {
    const series = findSeries(metric);
    if (series) return series.exporter === "scrape" ? [] : [series.exporter];
    const recorded = groups.flatMap(({ rules }) => rules).find((rule) => !isAlert(rule) && rule.record === metric);
    return recorded ? exportersOf(recorded.expr, groups) : [];
  });
  return [...new Set(found)];
}

type Problem = Omit<RuleProblem, "group" | "rule">;

function groupProblems({ name, interval, rules }: RuleGroup): Problem[] {
  return [
    ...when(rules.length === 0, { field: "name", message: `group ${name} has no rules`, allowed: "at least one rule" }),
    ...when(!DURATION.test(interval), {
      field: "interval",
      message: `"${interval}" is no duration`,
      allowed: "a duration such as 15s or 1m",
    }),
  ];
}

function ruleProblems(rule: Rule, group: RuleGroup, known: readonly RuleGroup[]): Problem[] {
  return [...fieldProblems(rule), ...labelProblems(rule.labels ?? {}), ...exprProblems(rule.expr, group, known)];
}

function fieldProblems(rule: Rule): Problem[] {
  if (!isAlert(rule)) {
    return when(!RECORD.test(rule.record), {
      field: "record",
      message: `"${rule.record}" is no name of a metric`,
      allowed: "letters, digits, _ and :, such as noetl:consumer_lag",
    });
  }
  const { alert, severity } = rule;
  return [
    ...when(!NAME.test(alert), {
      field: "alert",
      message: `"${alert}" is no name of an alert`,
      allowed: "letters, digits and _, such as QueueTooLong",
    }),
    ...when(!(SEVERITIES as readonly string[]).includes(severity), {
      field: "severity",
      message: severity === "" ? `alert ${alert} has no severity` : `"${severity}" is no severity`,
      allowed: SEVERITIES.join(" or "),
    }),
    ...when(rule.for !== undefined && !DURATION.test(rule.for), {
      field: "for",
      message: `"${rule.for ?? ""}" is no duration`,
      allowed: "a duration such as 5m",
    }),
  ];
}

function labelProblems(labels: Readonly<Record<string, string>>): Problem[] {
  return Object.keys(labels).flatMap((label): Problem[] => [
    ...when(!NAME.test(label) || label.startsWith("__"), {
      field: "labels",
      message: `"${label}" is no name of a label`,
      allowed: `letters, digits and _, such as ${legalLabel(label)}`,
    }),
    ...when((FIXED as readonly string[]).includes(label), {
      field: "labels",
      message: `label ${label} is set for every rule already`,
      allowed: "another label",
    }),
  ]);
}

/** The nearest name that is legal: `noetl.io/flip-guardrail` becomes `noetl_io_flip_guardrail`. */
function legalLabel(label: string): string {
  const legal = label.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^_+/, "");
  return NAME.test(legal) ? legal : "team";
}

function exprProblems(expr: string, group: RuleGroup, known: readonly RuleGroup[]): Problem[] {
  return exprFindings(expr, group, known).map(({ from, message, allowed }) => {
    const { line, column } = positionOf(expr, from);
    return { field: "expr", message: `at ${line}:${column}: ${message}`, ...(allowed !== undefined && { allowed }) };
  });
}

/** Something that is wrong with an expression, what may stand there, and where. */
interface Finding extends Span {
  message: string;
  allowed?: string;
}

function exprFindings(expr: string, { scope }: RuleGroup, known: readonly RuleGroup[]): Finding[] {
  const { selectors, groupings, problems } = readPromql(expr);
  if (problems.length > 0) return [...problems];
  const recorded = recordedBy(known);
  const seen = selectors.map((selector) => ({ selector, labels: labelsOf(selector, recorded) }));
  const unknown = seen.filter(({ labels }) => labels === undefined);
  if (unknown.length > 0) return unknown.map(({ selector }) => unknownMetric(selector, recorded));
  const all = new Set(seen.flatMap(({ labels }) => [...(labels ?? [])]));
  return [
    ...seen.flatMap(({ selector, labels = all }) => selectorFindings(selector, labels, scope)),
    ...groupings
      .filter(({ label }) => !all.has(label) && !isMade(expr, label))
      .map((grouping) => unknownLabel(grouping, undefined, all)),
  ];
}

type Recorded = ReadonlyMap<string, ReadonlySet<string>>;

/** Series that rules record, with every label that can be left. */
function recordedBy(groups: readonly RuleGroup[]): Recorded {
  const records = groups.flatMap(({ rules }) => rules).filter((rule) => !isAlert(rule));
  return new Map(
    records.map((rule) => {
      const own = readPromql(rule.expr).selectors.flatMap(({ metric = "" }) => [...(findSeries(metric)?.labels ?? [])]);
      return [ruleName(rule), new Set([...TARGET_LABELS, ...own, ...Object.keys(rule.labels ?? {})])];
    }),
  );
}

function labelsOf({ metric }: Selector, recorded: Recorded): ReadonlySet<string> | undefined {
  return metric === undefined ? undefined : (findSeries(metric)?.labels ?? recorded.get(metric));
}

function unknownMetric({ metric, from, to }: Selector, recorded: Recorded): Finding {
  if (metric === undefined) return { from, to, message: "a selector must name its metric" };
  const near = nearNames(metric, [...recorded.keys(), ...seriesNames()]);
  return {
    from,
    to,
    message: `nobody exports a metric ${metric}`,
    allowed: near.length > 0 ? near.join(", ") : "a metric of docs/monitoring.md",
  };
}

function selectorFindings(selector: Selector, labels: ReadonlySet<string>, scope: RuleGroup["scope"]): Finding[] {
  const { metric = "", matchers, from, to } = selector;
  const namespaced = matchers.some(
    ({ label, operator }) => label === "namespace" && (operator === "=" || operator === "=~"),
  );
  const wanted = scope === "cluster" && !namespaced && findSeries(metric) !== undefined;
  return [
    ...matchers.flatMap((matcher) => matcherFindings(matcher, metric, labels, scope)),
    ...(wanted
      ? [{ from, to, message: `${metric} of which namespace?`, allowed: 'a matcher such as namespace="nats"' }]
      : []),
  ];
}

function matcherFindings(
  matcher: Matcher,
  metric: string,
  labels: ReadonlySet<string>,
  scope: RuleGroup["scope"],
): Finding[] {
  const { label, from, to } = matcher;
  if (scope === "namespace" && label === "namespace") {
    return [{ from, to, message: "a rule of scope namespace sees its own namespace only", allowed: "scope: cluster" }];
  }
  return labels.has(label) ? [] : [unknownLabel({ label, from, to }, metric, labels)];
}

function unknownLabel(
  { label, from, to }: GroupingLabel,
  of: string | undefined,
  labels: ReadonlySet<string>,
): Finding {
  const near = nearNames(label, [...labels]);
  const allowed = near.length > 0 ? near : [...labels].sort();
  return {
    from,
    to,
    message: of === undefined ? `no metric of this rule has a label ${label}` : `${of} has no label ${label}`,
    allowed: allowed.join(", "),
  };
}

/** Whether the expression makes the label itself. */
function isMade(expr: string, label: string): boolean {
  return new RegExp(`(label_replace|label_join|count_values)\\b[^]*"${label}"`).test(expr);
}

/** Alerts and records whose name another one has. */
function takenNames(groups: readonly RuleGroup[], others: readonly RuleGroup[]): RuleProblem[] {
  const taken = new Set(others.flatMap(({ rules }) => rules.map(ruleName)));
  const takenGroups = new Set(others.map(({ name }) => name));
  return groups.flatMap((group, index) => {
    const own = takenGroups.has(group.name);
    takenGroups.add(group.name);
    return [
      ...when(own, { field: "name", message: `a group ${group.name} is there already`, allowed: "another name" }).map(
        (problem) => ({ ...problem, group: index }),
      ),
      ...group.rules.flatMap((rule, at) => {
        const name = ruleName(rule);
        const again = taken.has(name);
        taken.add(name);
        const [field, kind] = isAlert(rule) ? (["alert", "an alert"] as const) : (["record", "a record"] as const);
        return when(again, { field, message: `${kind} ${name} is there already`, allowed: "another name" }).map(
          (problem) => ({ ...problem, group: index, rule: at }),
        );
      }),
    ];
  });
}

function when(condition: boolean, problem: Problem): Problem[] {
  return condition ? [problem] : [];
}
