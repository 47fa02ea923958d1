import { platformRules } from "../../../components/monitoring/groups";
import { EXPORTERS, type Exporter } from "../../../components/monitoring/metrics";
import { exportersIn } from "../../../components/monitoring/monitored";
import { exportersOf, problemsOf, type RuleProblem as Found } from "../../../components/monitoring/rule-check";
import { customGroups, monitoredOf, WATCHED } from "../monitored";
import { repetitions, rule, when, type RulePath, type RuleProblem } from "./rule";

export const criticalAboveWarning = rule(
  "`monitoring.thresholds.backlogCritical` is more than `backlogWarning`",
  ["monitoring"],
  ({ monitoring: { thresholds } }) =>
    when(thresholds.backlogCritical <= thresholds.backlogWarning, {
      path: ["monitoring", "thresholds", "backlogCritical"],
      message: `${thresholds.backlogCritical} would be critical before ${thresholds.backlogWarning} is a warning`,
      allowed: `more than ${thresholds.backlogWarning}`,
      see: ["monitoring", "thresholds", "backlogWarning"],
    }),
);

/** Rules on metrics that nobody serves would never say anything. */
export const monitoringNeedsMetrics = rule(
  "with `monitoring`, the server serves its metrics",
  ["monitoring", "server"],
  ({ monitoring, server }) =>
    when(monitoring.kind !== "none" && !server.metrics, {
      path: ["server", "metrics"],
      message: "the server would tell nothing to those who watch it",
      allowed: "true",
      see: ["monitoring", "kind"],
    }),
);

/** A rule is one of the two. */
export const recordOrAlert = rule(
  "each of `monitoring.customRules` records or alerts, and an alert says how urgent it is, what it is, and what to do",
  ["monitoring"],
  ({ monitoring: { customRules } }) =>
    customRules.flatMap(({ rules }, group) =>
      rules.flatMap(({ record, alert, severity, summary, runbook }, index): RuleProblem[] => {
        const path = ["monitoring", "customRules", group, "rules", index] as const;
        if (alert === undefined) {
          return when(record === undefined, {
            path,
            message: "neither records nor alerts",
            allowed: "record or alert",
          });
        }
        return [
          ...when(record !== undefined, {
            path: [...path, "record"],
            message: `alert ${alert} records nothing`,
            allowed: "either record or alert",
            see: [...path, "alert"],
          }),
          ...missing(path, alert, { severity, summary, runbook }),
        ];
      }),
    ),
);

const WANTED = {
  severity: "critical or warning",
  summary: "what it says, in a line",
  runbook: "the URL of a page that says what to do",
};

function missing(path: RulePath, alert: string, given: Record<keyof typeof WANTED, string | undefined>): RuleProblem[] {
  return (Object.entries(WANTED) as [keyof typeof WANTED, string][]).flatMap(([field, allowed]) =>
    when(given[field] === undefined, {
      path: [...path, field],
      message: `alert ${alert} has no ${field}`,
      allowed,
    }),
  );
}

export const soundRules = rule(
  "each of `monitoring.customRules` is PromQL on metrics and labels that somebody exports, with names of its own",
  WATCHED,
  (config) => {
    const groups = customGroups(config);
    const others = platformRules(monitoredOf(config));
    const found = problemsOf(groups, { others }).filter(
      ({ field, group, rule: at }) => field !== "severity" && !isEmptyRecord(config.monitoring, group, at),
    );
    return onePerPlace(
      found.map((problem) => ({
        path: pathOf(problem),
        message: problem.message,
        allowed: problem.allowed ?? "PromQL such as sum(rate(noetl_worker_pulls_total[5m])) > 0",
      })),
    );
  },
);

/** A place is told of once, so several mistakes in one expression become one message. */
function onePerPlace(problems: readonly RuleProblem[]): RuleProblem[] {
  const places = new Map<string, RuleProblem>();
  for (const problem of problems) {
    const key = problem.path.join("/");
    const other = places.get(key);
    const message = other ? `${other.message}; ${problem.message}` : problem.message;
    const allowed =
      other && other.allowed !== problem.allowed ? `${other.allowed}; ${problem.allowed}` : problem.allowed;
    places.set(key, { ...problem, message, allowed });
  }
  return [...places.values()];
}

/** What that is missing another rule tells. */
function isEmptyRecord(
  {
    customRules,
  }: { customRules: readonly { rules: readonly { record?: string | undefined; alert?: string | undefined }[] }[] },
  group: number,
  at: number | undefined,
): boolean {
  const custom = at === undefined ? undefined : customRules[group]?.rules[at];
  return custom !== undefined && custom.record === undefined && custom.alert === undefined;
}

function pathOf({ group, rule: at, field }: Found): RulePath {
  const path = ["monitoring", "customRules", group] as const;
  return at === undefined ? [...path, field] : [...path, "rules", at, field];
}

/** What would turn a scrape on. */
const TURN_ON: Partial<Record<Exporter, string>> = {
  nats: "set noetl:nats.exporter: true",
  keda: "set noetl:keda.install and metrics: true",
  pgbouncer: "have noetl:pgbouncer with its exporter",
  certManager: "set noetl:monitoring.certManager: {}, or have noetl:certManager install it with metrics",
  kubeState: "set noetl:monitoring.kubeState: true",
  subscription: "have one of noetl:subscriptions",
};

export const scrapedRules = rule(
  "each of `monitoring.customRules` is on metrics of parts that this stack has, and scrapes",
  WATCHED,
  (config) => {
    const monitored = monitoredOf(config);
    const scraped = exportersIn(monitored);
    const groups = customGroups(config);
    const known = [...platformRules(monitored), ...groups];
    return groups.flatMap(({ rules }, group) =>
      rules.flatMap(({ expr }, index) =>
        exportersOf(expr, known)
          .filter((exporter) => !scraped.has(exporter))
          .map((exporter) => ({
            path: ["monitoring", "customRules", group, "rules", index, "expr"] as const,
            message: `nothing in this stack is scraped for the metrics of the ${EXPORTERS[exporter].title}`,
            allowed: TURN_ON[exporter] ?? "metrics of another part",
          })),
      ),
    );
  },
);

export const distinctLabels = rule(
  "`monitoring.chosenBy` and the `labels` of a custom rule name each label once",
  ["monitoring"],
  ({ monitoring: { chosenBy, customRules } }) => [
    ...twice(["monitoring", "chosenBy"], chosenBy),
    ...customRules.flatMap(({ rules }, group) =>
      rules.flatMap(({ labels }, index) =>
        twice(["monitoring", "customRules", group, "rules", index, "labels"], labels),
      ),
    ),
  ],
);

function twice(path: RulePath, labels: readonly { name: string }[]): RuleProblem[] {
  return repetitions(labels.map(({ name }) => name)).map(([index, first]) => ({
    path: [...path, index, "name"],
    message: `label ${labels[index]?.name ?? ""} is there already`,
    allowed: "each label once",
    see: [...path, first, "name"],
  }));
}
