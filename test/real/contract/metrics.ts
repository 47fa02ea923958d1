/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** Upper bounds of a histogram of seconds. */
const BOUNDS = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Family {
  kind: "counter" | "gauge" | "histogram";
  samples: Map<string, number>;
}

/** Prometheus metrics, in the text format. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  /** Makes a counter larger. */
  count(name: string, labels: Labels = {}, by = 1): void {
    add(this.family(name, "counter"), name + labelText(labels), by);
  }

  /** Sets a gauge. */
  set(name: string, value: number, labels: Labels = {}): void {
    this.family(name, "gauge").samples.set(name + labelText(labels), value);
  }

  /** Adds a duration, in seconds, to a histogram. */
  observe(name: string, seconds: number, labels: Labels = {}): void {
    const family = this.family(name, "histogram");
    for (const bound of BOUNDS) {
      add(family, `${name}_bucket${labelText({ ...labels, le: String(bound) })}`, seconds <= bound ? 1 : 0);
    }
    add(family, `${name}_bucket${labelText({ ...labels, le: "+Inf" })}`, 1);
    add(family, `${name}_sum${labelText(labels)}`, seconds);
    add(family, `${name}_count${labelText(labels)}`, 1);
  }

  /** What `/metrics` answers. */
  text(): string {
    return [...this.#families]
      .flatMap(([name, { kind, samples }]) => [
        `# TYPE ${name} ${kind}`,
        ...[...samples].map(([sample, value]) => `${sample} ${value}`),
      ])
      .join("\n")
      .concat("\n");
  }

  private family(name: string, kind: Family["kind"]): Family {
    const family = this.#families.get(name) ?? { kind, samples: new Map<string, number>() };
    this.#families.set(name, family);
    return family;
  }
}

function add(family: Family, sample: string, by: number): void {
  family.samples.set(sample, (family.samples.get(sample) ?? 0) + by);
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
