import { type Sample, sumOf } from "../metrics";

/** What `/metrics` of every pod of a workload gave, in one list. */
export type Scrape = readonly Sample[];

/**
 * By how much a counter has grown between two scrapes. One that was not there before began at 0: servers make a series
 * when they first count.
 *
 * @returns undefined when it is not there afterwards either
 */
export function growthOf(before: Scrape, after: Scrape, name: string, labels?: Sample["labels"]): number | undefined {
  const now = sumOf(after, name, labels);
  return now === undefined ? undefined : now - (sumOf(before, name, labels) ?? 0);
}
