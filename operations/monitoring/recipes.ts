import { JOBS } from "../../components/monitoring/monitored";
import { type Finding, numberOf, type Row, rowsOf, unusable } from "./finding";
import type { MonitoringConfig } from "../../stacks/schema";
import type { Prometheus } from "./prometheus";
import { type Scope, selector } from "./selector";

/** A question that operators ask of a live platform, with what the answer should be. */
export interface Recipe {
  /** The question in words. */
  question: string;
  /** What the answer is when all is well; absent for those that only inform. */
  expected?: (limits: Limits) => string;
  /** Expressions by the name of the row that each makes; none for those that ask for rules or alerts. */
  expressions: (scope: Scope) => Readonly<Record<string, string>>;
  /** Judges the rows of all expressions. */
  judge?: (rows: readonly Row[], limits: Limits) => Finding;
  /** Asks something else than expressions. */
  ask?: (api: Prometheus, scope: Scope) => Promise<{ finding: Finding; warnings: readonly string[] }>;
}

/** From where on an answer is not as it should be: the thresholds of the stack's own alerts. */
export type Limits = Pick<MonitoringConfig["thresholds"], "backlogWarning">;

/** The group of rules that watches the flip. */
const FLIP_GROUP = "noetl-materializer-lag";

/** Labels of the series that it records, and of alerts that it raises. */
export const FLIP_ALERTS: Scope = { component: "materializer" };

const MATERIALIZER = { stream: "noetl_events", consumer: "noetl_materializer" };

/** Everything `noetl-ops query` can ask. */
export const RECIPES = {
  backlog: {
    question: "How many events wait for the materializer?",
    expected: ({ backlogWarning }) => `about 0, at most ${backlogWarning}`,
    expressions: (scope) => ({
      backlog: `max(${selector("noetl:materializer_backlog", {}, scope)})`,
      waiting: `max(${selector("noetl_worker_nats_consumer_pending", MATERIALIZER, scope)})`,
      unacknowledged: `max(${selector("noetl_worker_nats_consumer_ack_pending", MATERIALIZER, scope)})`,
    }),
    judge: (rows, { backlogWarning: limit }) => {
      const found = unusable(rows, "no worker tells of consumer noetl_materializer, or nobody evaluates the rules");
      if (found) return found;
      const backlog = numberOf(rows, "backlog") ?? NaN;
      return backlog <= limit
        ? { verdict: "green", reason: `${backlog} wait, of ${limit} at most`, rows }
        : { verdict: "red", reason: `${backlog} wait, which is more than ${limit}`, rows };
    },
  },
  rules: {
    question: "Are the platform's rules loaded, and do they evaluate?",
    expected: () => `group ${FLIP_GROUP} among them, each rule in health`,
    expressions: () => ({}),
    ask: async (api) => {
      const { value: groups, warnings } = await api.rules();
      return { finding: judgeRules(groups), warnings };
    },
  },
  alerts: {
    question: "Which alerts are firing?",
    expected: () => "none, while the rules are loaded",
    expressions: () => ({}),
    ask: async (api, scope) => {
      const [alerts, rules] = [await api.alerts(), await api.rules()];
      const own = alerts.value.filter(({ labels }) => inScope(labels, scope));
      const rows = own.map(({ labels: { alertname = "", ...labels }, state }): Row => ({
        name: alertname,
        labels,
        value: state,
      }));
      const firing = rows.filter(({ value }) => value === "firing");
      return {
        finding: judgeAlerts(rows, firing, rules.value.length),
        warnings: [...alerts.warnings, ...rules.warnings],
      };
    },
  },
  flow: {
    question: "Do events flow: published by the server, written and acknowledged by the materializer?",
    expected: () => "acknowledged as fast as published",
    expressions: (scope) => ({
      published: rate("noetl_event_ingest_published_total", scope),
      written: rate("noetl_worker_materializer_projected_total", scope),
      acknowledged: rate("noetl_worker_materializer_acked_total", scope),
    }),
    judge: judgeFlow,
  },
  "offserver-state": {
    question: "Does the state of executions come from the stream, without scans of the event table?",
    expected: () => "no scans",
    expressions: (scope) => ({ scans: `sum(${selector("noetl_worker_state_builder_event_scans_total", {}, scope)})` }),
    judge: (rows) => {
      const found = unusable(rows, "no worker builds state, as before the flip");
      if (found) return found;
      const scans = numberOf(rows, "scans") ?? NaN;
      return scans === 0
        ? { verdict: "green", reason: "no scans since the state builders started", rows }
        : { verdict: "red", reason: `${scans} scans since the state builders started`, rows };
    },
  },
  up: {
    question: "Are all of the platform's processes scraped?",
    expected: () => "each job has targets, and all of them answer",
    expressions: (scope) => ({
      workers: `min by (job) (${selector("up", { job: jobNamed(JOBS.workers) }, scope)})`,
      server: `min by (job) (${selector("up", { job: jobNamed(JOBS.server) }, scope)})`,
    }),
    judge: (rows) => {
      const found = unusable(rows, "nothing scrapes one of them: is its monitor applied, do its pods run?");
      if (found) return found;
      const down = rows.filter(({ value }) => value !== 1).map(({ name }) => name);
      return down.length === 0
        ? { verdict: "green", reason: "all targets answer", rows }
        : { verdict: "red", reason: `not all targets answer: ${down.join(", ")}`, rows };
    },
  },
  consumers: {
    question: "How much work waits in front of each worker pool?",
    expressions: (scope) => ({
      waiting: `max by (stream, consumer) (${selector("noetl_worker_nats_consumer_pending", {}, scope)})`,
      unacknowledged: `max by (stream, consumer) (${selector("noetl_worker_nats_consumer_ack_pending", {}, scope)})`,
    }),
  },
  errors: {
    question: "How often do commands and reports of workers fail, per second?",
    expressions: (scope) => ({
      "failed commands": `sum by (tool_kind) (rate(${selector("noetl_worker_dispatch_errors_total", {}, scope)}[5m]))`,
      "repeated reports": `sum(rate(${selector("noetl_worker_event_emit_retries_total", {}, scope)}[5m]))`,
    }),
  },
  executions: {
    question: "How many executions are asked for, per second, and with what outcome?",
    expressions: (scope) => ({
      asked: `sum by (outcome) (rate(${selector("noetl_execute_outcomes_total", {}, scope)}[5m]))`,
    }),
  },
} as const satisfies Record<string, Recipe>;

/** Names of what can be asked. */
export type RecipeName = keyof typeof RECIPES;

/** What a monitor's `job` label is: its name with GMP, `NAMESPACE/NAME` with the Prometheus operator. */
export function jobNamed(monitor: string): string {
  return `~(.+/)?${monitor}`;
}

function rate(metric: string, scope: Scope): string {
  return `sum(rate(${selector(metric, {}, scope)}[5m]))`;
}

function judgeFlow(rows: readonly Row[]): Finding {
  const broken = unusable(rows, "");
  if (broken?.verdict === "nan") return broken;
  const [published, acknowledged] = [numberOf(rows, "published"), numberOf(rows, "acknowledged")];
  if (published === undefined)
    return { verdict: "noData", reason: "the server publishes no events, as before the flip", rows };
  if (published === 0) return { verdict: "info", reason: "the server publishes nothing just now", rows };
  if (acknowledged === undefined || acknowledged === 0) {
    return { verdict: "red", reason: "the server publishes events, and nobody writes them", rows };
  }
  return { verdict: "green", reason: "what the server publishes is written and acknowledged", rows };
}

function judgeRules(groups: Awaited<ReturnType<Prometheus["rules"]>>["value"]): Finding {
  const rows = groups.map(({ name, rules }): Row => {
    const broken = rules.filter(({ health }) => health !== "ok");
    return {
      name,
      labels: {},
      value: broken.length === 0 ? rules.length : `${broken.length} of ${rules.length} not in health`,
    };
  });
  if (rows.length === 0) return { verdict: "noData", reason: "no rules are loaded", rows };
  const flip = rows.some(({ name }) => name.includes(FLIP_GROUP));
  if (!flip) return { verdict: "red", reason: `group ${FLIP_GROUP} is not loaded`, rows };
  const failing = groups.flatMap(({ rules }) => rules.filter(({ health }) => health === "err"));
  const [first] = failing;
  if (first)
    return { verdict: "red", reason: `rule ${first.name} fails: ${first.lastError ?? "no reason is given"}`, rows };
  const waiting = groups.some(({ rules }) => rules.some(({ health }) => health !== "ok"));
  return waiting
    ? { verdict: "noData", reason: "not every rule has been evaluated yet", rows }
    : { verdict: "green", reason: "every rule evaluates", rows };
}

function judgeAlerts(rows: readonly Row[], firing: readonly Row[], groups: number): Finding {
  if (firing.length > 0) return { verdict: "red", reason: `firing: ${names(firing)}`, rows };
  if (groups === 0) return { verdict: "noData", reason: "no rules are loaded, so that nothing could fire", rows };
  const pending = rows.length === 0 ? "" : `; pending: ${names(rows)}`;
  return { verdict: "green", reason: `no alert is firing${pending}`, rows };
}

function names(rows: readonly Row[]): string {
  return [...new Set(rows.map(({ name }) => name))].join(", ");
}

function inScope(labels: Readonly<Record<string, string>>, scope: Scope): boolean {
  return Object.entries(scope).every(([name, value]) => labels[name] === value);
}

/** The rows of a recipe's expressions. */
export async function rowsFor(
  expressions: Readonly<Record<string, string>>,
  api: Prometheus,
): Promise<{ rows: Row[]; warnings: string[] }> {
  const answers = await Promise.all(
    Object.entries(expressions).map(async ([name, expression]) => ({ name, ...(await api.query(expression)) })),
  );
  return {
    rows: answers.flatMap(({ name, value }) => rowsOf(name, value)),
    warnings: [...new Set(answers.flatMap(({ warnings }) => warnings))],
  };
}
