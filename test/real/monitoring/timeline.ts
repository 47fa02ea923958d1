import type { RuleGroup } from "../../../components/monitoring/rules";
import { isAlert } from "../../../components/monitoring/rules";
import { rulesFile, scoped } from "../../../components/monitoring/rules-file";

/** A series, one value a minute. */
export interface TestSeries {
  series: string;
  values: string;
}

/** What happens, and what of it an alert makes. Times are minutes. */
export interface Incident {
  alert: string;
  /** Where its series are scraped, unless they say so themselves. Default: `noetl`. */
  namespace?: string;
  series: TestSeries[];
  /** The first minute in which the condition holds; the alert fires `for` later. */
  from: number;
  /** A minute in which all is well again. */
  resolved: number;
  /** Labels of the alert beside those of the rule and of its scope. */
  labels?: Record<string, string>;
  /** Its summary when it begins to fire. */
  says: string;
  /** What looks alike and is none. */
  silent?: TestSeries[][];
}

/** Values that stay for a while: `[value, minutes]`; `stale` is the end of a series, `_` a gap. */
export function gauge(series: string, ...phases: [value: number | string, minutes: number][]): TestSeries {
  const values = phases.flatMap(([value, minutes]) =>
    Array.from({ length: minutes }, (_, index) => (value === "stale" && index > 0 ? "_" : String(value))),
  );
  return { series, values: values.join(" ") };
}

/** A count that grows by so much a minute: `[growth, minutes]`. */
export function counter(series: string, ...phases: [growth: number, minutes: number][]): TestSeries {
  let total = 0;
  const values = phases.flatMap(([growth, minutes]) => Array.from({ length: minutes }, () => (total += growth)));
  return { series, values: values.join(" ") };
}

/** The cluster that everything is in. */
const CLUSTER = { project_id: "noetl-test", location: "us-central1", cluster: "noetl-cluster" };

/** Rules as the evaluator of Google Managed Prometheus has them, in one file. */
export function evaluatedRules(groups: readonly RuleGroup[]) {
  return {
    groups: groups.flatMap(
      (group) =>
        scoped(rulesFile([group]), group.scope === "cluster" ? CLUSTER : { ...CLUSTER, namespace: "noetl" }).groups,
    ),
  };
}

/** Of rules, an alert, and what its group records. */
export function onlyOf(alert: string, groups: readonly RuleGroup[]): RuleGroup[] {
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => !isAlert(rule) || rule.alert === alert) }))
    .filter(({ rules }) => rules.some(isAlert));
}

/** The unit test of an incident, as `promtool test rules` reads it. */
export function unitTest(incident: Incident, groups: readonly RuleGroup[], rulesPath: string) {
  const { alert, from, resolved, series, silent = [], namespace = "noetl" } = incident;
  const expected = expectation(incident, groups);
  const fires = from + expected.delay;
  const quiet = (minute: number) => ({ alertname: alert, eval_time: `${minute}m`, exp_alerts: [] });
  return {
    rule_files: [rulesPath],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: series.map((one) => within(one, namespace)),
        alert_rule_test: [
          quiet(fires - 1),
          { alertname: alert, eval_time: `${fires}m`, exp_alerts: [expected.found] },
          quiet(resolved),
        ],
      },
      ...silent.map((one) => ({
        interval: "1m",
        input_series: one.map((each) => within(each, namespace)),
        alert_rule_test: [10, 30, 45, 60, 75].map(quiet),
      })),
    ],
  };
}

function expectation({ alert, labels = {}, says }: Incident, groups: readonly RuleGroup[]) {
  const group = groups.find(({ rules }) => rules.some((rule) => isAlert(rule) && rule.alert === alert));
  const rule = group?.rules.filter(isAlert).find((each) => each.alert === alert);
  if (!group || !rule) throw new Error(`no alert ${alert}`);
  const written = rulesFile([{ ...group, rules: [rule] }]).groups[0]?.rules[0];
  const scope = group.scope === "cluster" ? CLUSTER : { ...CLUSTER, namespace: "noetl" };
  return {
    delay: minutesOf(rule.for ?? "0m"),
    found: {
      exp_labels: { ...labels, ...written?.labels, ...scope },
      exp_annotations: { ...written?.annotations, summary: says },
    },
  };
}

function within({ series, values }: TestSeries, namespace: string): TestSeries {
  const own = /\bnamespace="/.test(series.replace("exported_namespace", "")) ? CLUSTER : { ...CLUSTER, namespace };
  const added = Object.entries(own).map(([label, value]) => `${label}="${value}"`);
  return { series: series.replace(/\}$/, `,${added.join(",")}}`), values };
}

function minutesOf(duration: string): number {
  const [, count, unit] = /^(\d+)([mh])$/.exec(duration) ?? [];
  return Number(count) * (unit === "h" ? 60 : 1);
}
