import { SMALL } from "../fixtures/rows";
import { type EventRow, rowsIn, stepResult } from "../reading/events";
import { growthOf, type Scrape } from "../reading/growth";
import type { Evidence } from "../rig";
import { atLeast, exactly } from "./evidence";
import { judgeArrow, judgeNothingPlanted, judgeReference, judgeRows, judgeStored, type Resolved } from "./references";

/** What was read after playbook RUST_WORKER_R2. */
export interface R2Reading {
  execution: string;
  events: readonly EventRow[];
  /** What the result store gave for the large result; undefined when its event names none. */
  resolved: Resolved | undefined;
  /** Rows of the table of the tier that has the large result; undefined when that tier keeps none in the database. */
  storedRows?: number | undefined;
  /** `/metrics` of all Rust workers. */
  before: Scrape;
  after: Scrape;
}

/** Bytes above which a result does not stand in its event. */
const INLINE_LIMIT = 100 * 1024;

/** Commands that the playbook has: one a step. */
const COMMANDS = 4;

/** The small result stands in its event. */
export function judgeInline({ events }: R2Reading): Evidence[] {
  const small = stepResult(events, "small_select");
  const rows = rowsIn(small?.context) ?? [];
  return [
    exactly("small_select: status", "COMPLETED", small?.status),
    exactly("small_select: rows that stand in the event", SMALL, rows.length),
    exactly("small_select: has a reference", false, small?.reference !== undefined),
    ...judgeRows("small_select", rows),
  ];
}

/** The large one is in the result store, and in shared memory as Arrow. */
export function judgeLarge({ events, execution, resolved, storedRows }: R2Reading): Evidence[] {
  const big = stepResult(events, "big_select");
  return [
    exactly("big_select: status", "COMPLETED", big?.status),
    ...judgeReference("big_select", execution, big),
    ...judgeArrow("big_select", big?.reference),
    ...judgeStored("big_select", resolved),
    ...(storedRows === undefined ? [] : [exactly("big_select: rows of its tier's table", 1, storedRows)]),
  ];
}

/** No credential got out, neither into the event log nor into the store. */
export function judgeScrub({ events, resolved }: R2Reading): Evidence[] {
  return [
    judgeNothingPlanted("events of the execution", JSON.stringify(events)),
    judgeNothingPlanted("result store", resolved?.text ?? ""),
  ];
}

/** The workers have counted what they did. */
export function judgeR2Metrics({ before, after }: R2Reading): Evidence[] {
  const growth = (name: string, labels?: Record<string, string>): number | undefined =>
    growthOf(before, after, `noetl_worker_${name}`, labels);
  return [
    atLeast("commands that Rust workers have claimed", COMMANDS, growth("pulls_total", { outcome: "claimed" })),
    atLeast("results that they have stored", 1, growth("result_store_put_duration_seconds_count")),
    atLeast("bytes that they have stored", INLINE_LIMIT, growth("result_store_put_bytes_total")),
    exactly("results that they could not store", 0, growth("result_store_put_errors_total") ?? 0),
  ];
}
