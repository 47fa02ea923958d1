import { distance } from "fastest-levenshtein";
import {
  CERT_MANAGER_METRICS,
  KEDA_METRICS,
  KUBE_STATE_METRICS,
  PGBOUNCER_METRICS,
  SCRAPE_METRICS,
} from "./metrics/cluster";
import type { ExporterFacts, Metric } from "./metrics/metric";
import { NATS_METRICS } from "./metrics/nats";
import { SERVER_METRICS } from "./metrics/server";
import { GATEWAY_METRICS, SUBSCRIPTION_METRICS, WORKER_METRICS } from "./metrics/worker";

export type { ExporterFacts, Metric } from "./metrics/metric";

/**
 * Every metric that the platform's parts are known to have, by who serves it: the one place where a metric has its name.
 * A rule, a dashboard or a query on anything else is a mistake.
 */
export const EXPORTERS = {
  server: SERVER_METRICS,
  worker: WORKER_METRICS,
  subscription: SUBSCRIPTION_METRICS,
  gateway: GATEWAY_METRICS,
  nats: NATS_METRICS,
  keda: KEDA_METRICS,
  pgbouncer: PGBOUNCER_METRICS,
  certManager: CERT_MANAGER_METRICS,
  kubeState: KUBE_STATE_METRICS,
  scrape: SCRAPE_METRICS,
} as const satisfies Record<string, ExporterFacts>;

/** Who serves metrics. */
export type Exporter = keyof typeof EXPORTERS;

/** Labels that Google Managed Prometheus writes; nobody else may write or change them. */
export const RESERVED_LABELS = ["project_id", "location", "cluster", "namespace", "job", "instance"] as const;

/** Labels that each scrape adds, in both kinds of monitoring. */
export const TARGET_LABELS = ["job", "instance", "namespace", "pod", "container"] as const;

/** A metric that queries can name, as they see it. */
export interface Series {
  metric: Metric;
  exporter: Exporter;
  /** Labels that a query may use. */
  labels: ReadonlySet<string>;
}

const BY_NAME: ReadonlyMap<string, Series> = new Map(
  (Object.entries(EXPORTERS) as [Exporter, ExporterFacts][]).flatMap(([exporter, facts]) =>
    facts.metrics.flatMap((metric) => namesOf(metric).map((name) => [name, seriesOf(name, metric, exporter, facts)])),
  ),
);

/** What a query means by a name: for a histogram by `…_bucket`, `…_sum` or `…_count`. */
export function findSeries(name: string): Series | undefined {
  return BY_NAME.get(name);
}

/** Every name that a query can use, in alphabetical order. */
export function seriesNames(): string[] {
  return [...BY_NAME.keys()].sort();
}

/** The names that were probably meant, likeliest first, three at most. */
export function nearNames(name: string, candidates: readonly string[] = seriesNames()): string[] {
  return candidates
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(candidate.length, name.length) / 3)
    .sort((one, other) => one.edits - other.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** The names under which a metric is stored. */
export function namesOf({ name, type }: Metric): string[] {
  return type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

function seriesOf(name: string, metric: Metric, exporter: Exporter, { honorsLabels }: ExporterFacts): Series {
  const own = metric.labels.flatMap((label) => queryLabel(label, honorsLabels));
  const bucket = metric.type === "histogram" && name.endsWith("_bucket") ? ["le"] : [];
  return { metric, exporter, labels: new Set([...TARGET_LABELS, ...own, ...bucket]) };
}

/**
 * A metric's own label as queries see it. One that a scrape adds, too, is renamed, unless the metric's own is to win. The
 * metric's own `cluster` has no name at all: what it is called depends on the kind of monitoring.
 */
function queryLabel(label: string, honorsLabels: boolean): string[] {
  if ((TARGET_LABELS as readonly string[]).includes(label)) return [honorsLabels ? label : `exported_${label}`];
  return (RESERVED_LABELS as readonly string[]).includes(label) ? [] : [label];
}
