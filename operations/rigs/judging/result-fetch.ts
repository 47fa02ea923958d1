import { at, textOf } from "../../../preview/json";
import { type EventRow, stepResult } from "../reading/events";
import { growthOf, type Scrape } from "../reading/growth";
import type { Evidence } from "../rig";
import { atLeast, exactly, judged, shown } from "./evidence";
import { judgeArrow, judgeDigest, judgeReference, judgeStored, type Resolved, rowsDigest, rowsOf } from "./references";

/** What was read after a playbook whose step `producer` makes what others fetch. */
export interface FetchReading {
  execution: string;
  events: readonly EventRow[];
  /** What the result store gave for each step's reference. */
  resolved: ReadonlyMap<string, Resolved>;
  /** `/metrics` of all Rust workers. */
  before: Scrape;
  after: Scrape;
}

/** The step that makes what others fetch. */
export const PRODUCER = "producer";

/** Its result is in the result store, whole, and the reference to it tells the truth. */
export function judgeProducer({ execution, events, resolved }: FetchReading): Evidence[] {
  const result = stepResult(events, PRODUCER);
  return [
    exactly("producer: status", "COMPLETED", result?.status),
    ...judgeReference(PRODUCER, execution, result),
    ...judgeArrow(PRODUCER, result?.reference),
    ...judgeStored(PRODUCER, resolved.get(PRODUCER)),
    judgeDigest(PRODUCER, result?.reference, resolved.get(PRODUCER)),
  ];
}

/** A step has fetched just the rows that the producer has made, and stored them under a name of its own. */
export function judgeFetch(step: string, { execution, events, resolved }: FetchReading): Evidence[] {
  const result = stepResult(events, step);
  const said = textOf(at(result?.context, "status"));
  const rows = rowsOf(resolved.get(step));
  const made = rowsDigest(rowsOf(resolved.get(PRODUCER)));
  const fetched = rowsDigest(rows);
  const failure = result?.error;
  return [
    exactly(
      `${step}: status`,
      "COMPLETED",
      failure === undefined ? result?.status : `${shown(result?.status)}: ${failure}`,
    ),
    // A tool whose result is stored says nothing in the event.
    judged(
      `${step}: what its tool says`,
      "success",
      said ?? "nothing, its result is stored",
      (said ?? "success") === "success",
    ),
    ...judgeReference(step, execution, result),
    ...judgeStored(step, resolved.get(step)),
    judged(
      `${step}: SHA-256 of the rows`,
      made,
      rows.length === 0 ? "no rows" : fetched,
      rows.length > 0 && made === fetched,
    ),
  ];
}

/** The workers have counted a run of the tool for each step, and no failure. */
export function judgeFetchMetrics({ before, after }: FetchReading, fetches: number): Evidence[] {
  const count = (kind: string): number | undefined =>
    growthOf(before, after, "noetl_worker_dispatch_duration_seconds_count", { tool_kind: kind });
  const failed = growthOf(before, after, "noetl_worker_dispatch_errors_total", { tool_kind: "result_fetch" });
  return [
    atLeast("runs of tool duckdb that the workers have counted", 1, count("duckdb")),
    atLeast("runs of tool result_fetch that they have counted", fetches, count("result_fetch")),
    exactly("failures of tool result_fetch that they have counted", 0, failed ?? 0),
  ];
}
