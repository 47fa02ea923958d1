import { ask, type Outcome } from "../monitoring/ask";
import { ApiProblem } from "../monitoring/problem";
import type { Prometheus } from "../monitoring/prometheus";
import { FLIP_ALERTS, jobNamed } from "../monitoring/recipes";
import { type Scope, selector } from "../monitoring/selector";
import { JOBS } from "../../components/monitoring/monitored";
import type { PlatformConfig } from "../../stacks/schema";
import { proofCondition } from "./pager-proof";

/** Something that must hold before the server may stop writing events itself. */
export interface Condition {
  id: string;
  /** What must hold, in a sentence without its point. */
  title: string;
  /** `unknown` is never good enough. */
  state: "pass" | "fail" | "unknown";
  /** What was seen. */
  evidence: string;
  next?: string;
}

/** For how long all must have been well, and how often it is looked at within. */
export interface Baseline {
  seconds: number;
  /** Seconds between two looks; a multiple of what scrapes and rules take. */
  step: number;
}

/** What the conditions are judged by. */
export interface Circumstances {
  config: PlatformConfig;
  /** None when no Prometheus was named: what it would tell stays unknown. */
  api: Prometheus | undefined;
  scope: Scope;
  baseline: Baseline;
  now: Date;
  /** Who says that the database is ready. */
  databaseReady?: string | undefined;
}

/** Share of the looks of a baseline that must have seen something: one may fall between two scrapes. */
const COVERAGE = 0.9;

const CHECK_COLUMN =
  "SELECT 1 FROM information_schema.columns WHERE table_name = 'event' AND column_name = 'prev_event_id'";

/** Everything that must hold before the flip, each with what was seen. */
export async function conditionsOf(circumstances: Circumstances): Promise<Condition[]> {
  const { config, now } = circumstances;
  return [
    stageCondition(config),
    ...(await monitored(circumstances)),
    proofCondition(config, now),
    databaseCondition(circumstances),
  ];
}

/** Whether nothing speaks against the flip. */
export function allPass(conditions: readonly Condition[]): boolean {
  return conditions.every(({ state }) => state === "pass");
}

function stageCondition({ server: { flip } }: PlatformConfig): Condition {
  const title = "the materializer runs in shadow";
  if (flip === "shadow") return { id: "stage", title, state: "pass", evidence: "noetl:server.flip is shadow" };
  return {
    id: "stage",
    title,
    state: "fail",
    evidence: `noetl:server.flip is ${flip}`,
    next: flip === "off" ? "run: noetl-ops flip publish-only --on, which goes to shadow first" : "nothing: it is on",
  };
}

function databaseCondition({ config: { postgres }, databaseReady }: Circumstances): Condition {
  const head = { id: "database", title: "column event.prev_event_id is there" };
  if (databaseReady !== undefined) return { ...head, state: "pass", evidence: `${databaseReady} says so` };
  if (postgres.mode === "inCluster") {
    return { ...head, state: "pass", evidence: "the schema Job of this stack makes it, and owns the database" };
  }
  return {
    ...head,
    state: "unknown",
    evidence: "the database is somebody else's, and no metric tells of its columns",
    next: `let its owner run the migration and ask: ${CHECK_COLUMN}; then say who did: --database-ready NAME`,
  };
}

/** What the monitoring tells. */
async function monitored({ config, api, scope, baseline }: Circumstances): Promise<Condition[]> {
  const limit = config.monitoring.thresholds.backlogWarning;
  const questions: { id: string; title: string; look: (api: Prometheus) => Promise<Judged> }[] = [
    { id: "workers", title: "workers are scraped", look: (from) => scraped(from, JOBS.workers, scope, baseline) },
    { id: "server", title: "the server is scraped", look: (from) => scraped(from, JOBS.server, scope, baseline) },
    { id: "rules", title: "the rules are loaded and evaluate", look: async (from) => judged(await ask("rules", from)) },
    { id: "materializer", title: "a materializer is there", look: (from) => present(from, scope, baseline) },
    { id: "backlog", title: "the backlog is small", look: (from) => small(from, scope, baseline, limit) },
    { id: "alerts", title: "no alert of the flip is firing", look: (from) => quiet(from, scope, baseline) },
  ];
  return Promise.all(
    questions.map(async ({ id, title, look }): Promise<Condition> => {
      if (api === undefined) {
        return {
          id,
          title,
          state: "unknown",
          evidence: "no Prometheus was named",
          next: "name one: --url or --project",
        };
      }
      try {
        return { id, title, ...(await look(api)) };
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        return { id, title, state: "unknown", evidence: error.message, next: error.next };
      }
    }),
  );
}

type Judged = Pick<Condition, "state" | "evidence" | "next">;

function judged({ verdict, reason, next }: Outcome): Judged {
  const state = verdict === "green" ? "pass" : verdict === "red" ? "fail" : "unknown";
  return { state, evidence: reason, ...(next !== undefined && { next }) };
}

async function scraped(api: Prometheus, monitor: string, scope: Scope, baseline: Baseline): Promise<Judged> {
  const up = selector("up", { job: jobNamed(monitor) }, scope);
  const now = await numberOf(api, `min(${up})`);
  if (now === undefined) return { state: "unknown", evidence: "nothing is scraped", next: `is ${monitor} applied?` };
  if (now !== 1) return { state: "fail", evidence: "a target does not answer now", next: "run: noetl-ops query up" };
  return overBaseline(api, `max(${up})`, baseline, {
    worst: "min",
    good: (worst) => worst === 1,
    says: (worst) => (worst === 1 ? "a target has answered at each moment" : "there was a moment when none answered"),
  });
}

async function present(api: Prometheus, scope: Scope, baseline: Baseline): Promise<Judged> {
  const series = selector("noetl_worker_materializer_acked_total", {}, scope);
  return overBaseline(api, `count(${series})`, baseline, {
    worst: "min",
    good: (worst) => worst >= 1,
    says: (worst) => `at least ${worst} at each moment`,
  });
}

/** @param limit events that may wait: from there on the stack's alert tells somebody */
async function small(api: Prometheus, scope: Scope, baseline: Baseline, limit: number): Promise<Judged> {
  return overBaseline(api, `max(${selector("noetl:materializer_backlog", {}, scope)})`, baseline, {
    worst: "max",
    good: (worst) => worst <= limit,
    says: (worst) => `at most ${worst} events waited, of ${limit} allowed`,
  });
}

/** Firing now, by the API; firing before, by the series that each alert leaves while rules are evaluated. */
async function quiet(api: Prometheus, scope: Scope, baseline: Baseline): Promise<Judged> {
  const now = await ask("alerts", api, { ...scope, ...FLIP_ALERTS });
  if (now.verdict !== "green") return judged(now);
  const labels = { ...FLIP_ALERTS, alertstate: "firing" };
  const before = await api.query(
    `count by (alertname) (count_over_time(${selector("ALERTS", labels, scope)}[${window(baseline)}]))`,
  );
  const names = before.value.map(({ labels: { alertname = "" } }) => alertname);
  if (names.length > 0) return { state: "fail", evidence: `fired within ${spanText(baseline)}: ${names.join(", ")}` };
  if (before.warnings.length > 0)
    return { state: "unknown", evidence: `the answer is not all: ${before.warnings.join("; ")}` };
  // Nothing fired, or nobody looked: only what the rules record tells these apart.
  return overBaseline(api, `count(${selector("noetl:materializer_backlog", {}, scope)})`, baseline, {
    worst: "min",
    good: () => true,
    says: () => "none, while the rules were evaluated",
  });
}

interface Judge {
  /** Which value of the baseline counts. */
  worst: "min" | "max";
  good: (worst: number) => boolean;
  says: (worst: number) => string;
}

/** Judges the worst value within a baseline, if the whole of it has been seen. */
async function overBaseline(api: Prometheus, expression: string, baseline: Baseline, judge: Judge): Promise<Judged> {
  const range = `[${window(baseline)}:${Math.round(baseline.step * 1000)}ms]`;
  const [worst, seen] = await Promise.all([
    numberOf(api, `${judge.worst}_over_time((${expression})${range})`),
    numberOf(api, `count_over_time((${expression})${range})`),
  ]);
  const wanted = Math.floor((baseline.seconds / baseline.step) * COVERAGE);
  if (worst === undefined || seen === undefined) return { state: "unknown", evidence: "no data" };
  if (Number.isNaN(worst)) return { state: "unknown", evidence: "a value is no number" };
  const evidence = `${judge.says(worst)}, for ${spanText(baseline)}`;
  if (!judge.good(worst)) return { state: "fail", evidence: judge.says(worst) };
  if (seen >= wanted) return { state: "pass", evidence };
  const share = Math.round((100 * seen * baseline.step) / baseline.seconds);
  return {
    state: "unknown",
    evidence: `there is data for ${share} % of ${spanText(baseline)} only`,
    next: "wait until the whole of it has been seen",
  };
}

/** The value of an expression with one series; undefined when there is none. @throws ApiProblem for part of an answer */
async function numberOf(api: Prometheus, expression: string): Promise<number | undefined> {
  const { value, warnings } = await api.query(expression);
  if (warnings.length > 0) {
    throw new ApiProblem("unreadable", `the answer is not all there is: ${warnings.join("; ")}`, "ask again");
  }
  return value[0]?.value;
}

function window({ seconds }: Baseline): string {
  return `${seconds}s`;
}

function spanText({ seconds }: Baseline): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
