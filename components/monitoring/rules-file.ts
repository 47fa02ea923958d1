import { readPromql, type Selector } from "./promql";
import { isAlert, type Rule, type RuleGroup } from "./rules";

/** A rule as Prometheus, its operator and Google's write it. */
export interface RuleManifest {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** A group as all of them write it. */
export interface RuleGroupManifest {
  name: string;
  interval: string;
  rules: RuleManifest[];
}

/** Where readers of an alert find what to do. */
export interface Runbooks {
  /** URL of the folder with the pages; without it an alert names the page's path in this repository. */
  url?: string | undefined;
}

/** Groups in the form of a Prometheus rules file: `{ groups: [...] }`, to be written as YAML or JSON. */
export function rulesFile(groups: readonly RuleGroup[], runbooks: Runbooks = {}): { groups: RuleGroupManifest[] } {
  return {
    groups: groups.map(({ name, interval, rules }) => ({
      name,
      interval,
      rules: rules.map((rule) => ruleManifest(rule, runbooks)),
    })),
  };
}

/** Page of an alert, from the root of this repository. */
export function runbookPath(alert: string): string {
  return `docs/runbooks/${alert}.md`;
}

function ruleManifest(rule: Rule, { url }: Runbooks): RuleManifest {
  const { expr, labels } = rule;
  if (!isAlert(rule)) return { record: rule.record, expr, ...(labels && { labels: { ...labels } }) };
  const { alert, severity, component, summary, description, runbookUrl } = rule;
  const page = url === undefined ? undefined : `${url.replace(/\/+$/, "")}/${alert}.md#${alert.toLowerCase()}`;
  const own = runbookUrl ?? page;
  return {
    alert,
    expr,
    ...(rule.for !== undefined && { for: rule.for }),
    labels: { severity, component, ...labels },
    annotations: {
      summary,
      description,
      ...(own === undefined ? { runbook: runbookPath(alert) } : { runbook_url: own }),
    },
  };
}

/** Where the rule evaluator of Google Managed Prometheus keeps rules within. */
export interface Scope {
  project_id?: string;
  location?: string;
  cluster?: string;
  /** For `Rules`; `ClusterRules` have none. */
  namespace?: string;
}

/** Thrown for a rule that contradicts its scope, which the evaluator refuses. */
export class ScopeError extends Error {}

/**
 * What the evaluator makes of groups: every selector gets the scope's labels as matchers, and every result gets them as
 * labels, so that they are there also where an expression has aggregated them away.
 *
 * @throws ScopeError when a selector or a label contradicts the scope
 */
export function scoped(file: { groups: readonly RuleGroupManifest[] }, scope: Scope): { groups: RuleGroupManifest[] } {
  return {
    groups: file.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: scopedExpr(rule.expr, scope),
        labels: { ...rule.labels, ...labelsWithin(rule, scope) },
      })),
    })),
  };
}

function labelsWithin({ alert, record, labels = {} }: RuleManifest, scope: Scope): Record<string, string> {
  const taken = Object.keys(scope).find((label) => label in labels);
  if (taken !== undefined) throw new ScopeError(`${alert ?? record ?? ""}: label ${taken} is set by the scope`);
  return { ...scope };
}

/** An expression whose selectors match nothing outside the scope. */
export function scopedExpr(expr: string, scope: Scope): string {
  const { selectors } = readPromql(expr);
  // From the last to the first, so that what is written does not move what is still to be found.
  return [...selectors]
    .sort((one, other) => other.open.at - one.open.at)
    .reduce((text, selector) => withMatchers(text, selector, scope), expr);
}

function withMatchers(text: string, { metric = "", matchers, open }: Selector, scope: Scope): string {
  for (const [label, value] of Object.entries(scope) as [string, string][]) {
    const other = matchers.find((matcher) => matcher.label === label);
    if (other && (other.operator !== "=" || other.value !== value)) {
      throw new ScopeError(
        `${metric}: ${label}${other.operator}"${other.value}" contradicts the scope ${label}="${value}"`,
      );
    }
  }
  const added = (Object.entries(scope) as [string, string][])
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",");
  if (added === "") return text;
  const [before, after] = [text.slice(0, open.at), text.slice(open.at)];
  if (!open.braces) return `${before}{${added}}${after}`;
  return `${before}${/[{,]\s*$/.test(before) ? "" : ","}${added}${after}`;
}
