/** A measurement of a metric, with its labels. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*/gy;

/** Reads what /metrics serves, in Prometheus' text format. @throws Error at a line that is none of it */
export function parseMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const [, name, labels = "", value = ""] = LINE.exec(line) ?? [];
    const parsed = labelsOf(labels);
    const number = numberIn(value);
    if (name === undefined || parsed === undefined || number === undefined)
      throw new Error(`line ${index + 1} is no metric: ${line.slice(0, 80)}`);
    return [{ name, labels: parsed, value: number }];
  });
}

const SPECIAL: Readonly<Record<string, number>> = { "+Inf": Infinity, Inf: Infinity, "-Inf": -Infinity, NaN };

function numberIn(text: string): number | undefined {
  if (text in SPECIAL) return SPECIAL[text];
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? undefined : value;
}

function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let read = 0;
  for (let match = LABEL.exec(text); match !== null; match = LABEL.exec(text)) {
    const [, name = "", value = ""] = match;
    labels[name] = value.replaceAll(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
    read = LABEL.lastIndex;
  }
  return read === text.length ? labels : undefined;
}

/** The sum of a metric over all its labels, or over those with some values; undefined when there is none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}
