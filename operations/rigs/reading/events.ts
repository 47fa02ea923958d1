import type { Json } from "../../../preview/graph";
import { at, isObject, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";

/** A row of the event log. */
export interface EventRow {
  type: string;
  /** The step; empty for events of the whole execution. */
  step: string;
  /** As its writer has it: `COMPLETED`, or `success`. */
  status: string;
  result: Json;
  /** Who wrote it; only events of the type `command.claimed` have it. */
  worker?: string | undefined;
  /** Why it is one of a failure. */
  error?: string | undefined;
}

/** The rows of one execution. Never by worker: only one type of event names it. */
export const EVENTS_SQL =
  "SELECT event_type, node_name, status, result, worker_id, error FROM noetl.event WHERE execution_id = $1 ORDER BY event_id";

/** Reads a row of {@link EVENTS_SQL}. */
export function eventOf(row: Readonly<Record<string, Json>>): EventRow {
  const [worker, error] = [textOf(row.worker_id), textOf(row.error)];
  return {
    type: textOf(row.event_type) ?? "",
    step: textOf(row.node_name) ?? "",
    status: textOf(row.status) ?? "",
    result: row.result ?? null,
    ...(worker !== undefined && { worker }),
    ...(error !== undefined && { error }),
  };
}

/** What a step's tool gave. */
export interface StepResult {
  /** Status of the event. */
  status: string;
  /** What stands in the event itself. */
  context: JsonObject;
  /** Where the result is, when it is too large for an event. */
  reference?: JsonObject | undefined;
  /** Why the tool has failed. */
  error?: string | undefined;
}

/** How a step ended, by its last `call.done` or `call.error`; undefined when it has not. */
export function stepResult(events: readonly EventRow[], step: string): StepResult | undefined {
  const ends = events.filter((event) => event.step === step && /^call\.(done|error)$/.test(event.type));
  const end = ends.at(-1);
  if (end === undefined) return undefined;
  // The server in Rust keeps what the worker sent as a whole, one level further down.
  const result = objectOf(end.result);
  const inner = at(result, "context", "result");
  const { context, reference } = isObject(inner) ? inner : result;
  const held = objectOf(context);
  // A tool that stores its result itself names it within what it gives.
  const where = [reference, held.reference].find(isObject);
  const error = textOf(held.error) ?? end.error;
  return {
    status: end.status,
    context: held,
    ...(where && { reference: where }),
    ...(error !== undefined && { error }),
  };
}

/** Rows of a table, wherever a tool has put it: `{rows}`, or within one or two `data`. */
export function rowsIn(value: Json | undefined): JsonObject[] | undefined {
  for (const path of [[], ["data"], ["data", "data"]]) {
    const rows = at(value, ...path, "rows");
    if (Array.isArray(rows)) return listOf(rows).map(objectOf);
  }
  return undefined;
}
