/** What a metric counts like; a gauge may also fall. */
export type MetricType = "counter" | "gauge" | "histogram";

/** A metric as its exporter tells it. */
export interface Metric {
  name: string;
  type: MetricType;
  /** What it tells, in a sentence without its point. */
  meaning: string;
  /** Its own labels; those of the scrape come on top. */
  labels: readonly string[];
}

/** What serves metrics. */
export interface ExporterFacts {
  /** In words, for documents and findings. */
  title: string;
  /** Which version the names are of, and where they stand. */
  source: string;
  /** Whether its own `namespace` and `pod` win over those of the scrape, which else rename them to `exported_…`. */
  honorsLabels: boolean;
  metrics: readonly Metric[];
}

export function counter(name: string, meaning: string, labels: readonly string[] = []): Metric {
  return { name, type: "counter", meaning, labels };
}

export function gauge(name: string, meaning: string, labels: readonly string[] = []): Metric {
  return { name, type: "gauge", meaning, labels };
}

export function histogram(name: string, meaning: string, labels: readonly string[] = []): Metric {
  return { name, type: "histogram", meaning, labels };
}
