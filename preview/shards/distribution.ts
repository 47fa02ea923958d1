import type { ShardOf } from "../../components/noetl/shard";

/** Most ids that are counted: a second of work. */
export const MOST_IDS = 1_000_000n;

/** Consecutive execution ids, both included. */
export interface IdRange {
  first: bigint;
  last: bigint;
}

/** How many ids of a range each shard owns. */
export interface Distribution {
  range: IdRange;
  /** Ids of each shard, by its index. */
  counts: number[];
  ids: number;
  /** Ids a shard would own if all had the same. */
  mean: number;
  /** Index of the shards that own the fewest and the most; the first of them when several do. */
  lowest: number;
  highest: number;
}

/**
 * Counts where the ids of a range go.
 *
 * @param range At least one id and at most {@link MOST_IDS}.
 */
export function distribution(shardOf: ShardOf, range: IdRange, count: number): Distribution {
  const counts = Array.from({ length: count }, () => 0);
  for (let id = range.first; id <= range.last; id++) {
    const shard = shardOf(id, count);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  const ids = Number(range.last - range.first + 1n);
  return {
    range,
    counts,
    ids,
    mean: ids / count,
    lowest: counts.indexOf(counts.reduce((a, b) => Math.min(a, b))),
    highest: counts.indexOf(counts.reduce((a, b) => Math.max(a, b))),
  };
}

/** How far a shard is from the mean, such as `+1.2 %`; `±0 %` when it owns exactly as many. */
export function deviation({ counts, mean }: Distribution, shard: number): string {
  const percent = (((counts[shard] ?? 0) - mean) / mean) * 100;
  const rounded = Math.abs(percent) < 0.05 ? 0 : percent;
  if (rounded === 0) return "±0 %";
  return `${rounded > 0 ? "+" : "−"}${Math.abs(rounded).toFixed(1)} %`;
}

/** `1000 ids from 1 to 1000 on 4 shards`. */
export function titleOf({ range, ids, counts }: Distribution): string {
  const shards = counts.length === 1 ? "1 shard" : `${counts.length} shards`;
  return `${ids} ${ids === 1 ? "id" : "ids"} from ${range.first.toString()} to ${range.last.toString()} on ${shards}`;
}

/** `fewest: shard 3 with 241 (−3.6 %), most: shard 0 with 260 (+4.0 %)`. */
export function spreadOf(shown: Distribution): string {
  const { counts, lowest, highest } = shown;
  const text = (shard: number): string => `shard ${shard} with ${counts[shard] ?? 0} (${deviation(shown, shard)})`;
  return `fewest: ${text(lowest)}, most: ${text(highest)}`;
}
