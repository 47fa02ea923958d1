/** How urgent an alert is: `critical` wakes somebody, `warning` is for the working day. */
export const SEVERITIES = ["critical", "warning"] as const;

/** A value computed at each interval and kept under a name of its own, such as `noetl:consumer_lag`. */
export interface RecordingRule {
  record: string;
  /** PromQL. */
  expr: string;
  labels?: Readonly<Record<string, string>> | undefined;
}

/** A condition that somebody is told of. */
export interface AlertingRule {
  /** Name, in capitals as `JetStreamStorageHigh`; its runbook is `docs/runbooks/NAME.md`. */
  alert: string;
  /** PromQL; each series that it gives is an alert. */
  expr: string;
  /** How long it must hold: `10m`. Default: not at all. */
  for?: string | undefined;
  severity: string;
  component: string;
  /** Further labels. Names such as `noetl_io_flip_guardrail`: letters, digits and `_`. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** One line; `{{ $value }}` and `{{ $labels.NAME }}` stand for what was found. */
  summary: string;
  /** What it means. */
  description: string;
  /** URL of the page that says what to do; own alerts have a page in docs/runbooks and none here. */
  runbookUrl?: string | undefined;
}

export type Rule = RecordingRule | AlertingRule;

/**
 * Rules that are evaluated together, one after another.
 *
 * `namespace`: they see only what is scraped in their own namespace, `noetl`. `cluster`: all of the Kubernetes cluster,
 * so that each selector must name the namespace it means.
 */
export interface RuleGroup {
  name: string;
  /** How often: `15s`, `1m`. */
  interval: string;
  scope: "namespace" | "cluster";
  rules: readonly Rule[];
}

export function isAlert(rule: Rule): rule is AlertingRule {
  return "alert" in rule;
}

/** The alerts of groups, in their order. */
export function alertsOf(groups: readonly RuleGroup[]): AlertingRule[] {
  return groups.flatMap(({ rules }) => rules).filter(isAlert);
}

/** Name of a rule, whatever it is. */
export function ruleName(rule: Rule): string {
  return isAlert(rule) ? rule.alert : rule.record;
}
