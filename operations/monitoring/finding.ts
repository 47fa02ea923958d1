import type { Sample } from "./prometheus";

/**
 * What an answer means. `green`: as expected; `red`: not as expected; `info`: nothing is expected of it; `noData`: there
 * is nothing to judge by, which is never green; `nan`: a value is no number; `partial`: it looks as expected, but the API
 * says that the answer is not all.
 */
export type Verdict = "green" | "red" | "info" | "noData" | "nan" | "partial";

/** One line of an answer. */
export interface Row {
  /** What the line tells. */
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Undefined where there is no data, NaN where there is no number, a word where it is none. */
  value: number | string | undefined;
}

/** What a question found. */
export interface Finding {
  verdict: Verdict;
  /** Why it is so, in a sentence without its point. */
  reason: string;
  rows: readonly Row[];
}

/** Rows of the series of one expression; a row without a value when there is none. */
export function rowsOf(name: string, samples: readonly Sample[]): Row[] {
  if (samples.length === 0) return [{ name, labels: {}, value: undefined }];
  return samples.map(({ labels: { __name__: _name, ...labels }, value }) => ({ name, labels, value }));
}

/** The number of the only series of a name; undefined when there is no data. */
export function numberOf(rows: readonly Row[], name: string): number | undefined {
  const value = rows.find((row) => row.name === name)?.value;
  return typeof value === "number" ? value : undefined;
}

/**
 * The finding that rules over all others: no data, or a value that is no number.
 *
 * @param ofNothing What it means that a row has no data; undefined when that is all right.
 */
export function unusable(rows: readonly Row[], ofNothing: string): Finding | undefined {
  const broken = rows.find(({ value }) => Number.isNaN(value));
  if (broken)
    return { verdict: "nan", reason: `${broken.name} is no number, as when nothing is divided by nothing`, rows };
  return rows.some(({ value }) => value === undefined) ? { verdict: "noData", reason: ofNothing, rows } : undefined;
}
