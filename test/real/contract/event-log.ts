import type { Pool } from "pg";
import { toJson, type JsonObject } from "./json";

/** A row of the event log, as far as anybody here writes it. */
export interface EventRow {
  executionId: bigint;
  eventId: bigint;
  catalogId: bigint;
  type: string;
  status: string;
  node?: string | undefined;
  nodeType?: string | undefined;
  context?: JsonObject | undefined;
  result?: JsonObject | undefined;
  meta?: JsonObject | undefined;
  workerId?: string | undefined;
  error?: string | undefined;
}

const COLUMNS =
  "execution_id, event_id, catalog_id, event_type, status, node_id, node_name, node_type, context, result, meta, worker_id, error";

/** Appends an event. @returns whether it is new: an event that is there already stays as it is */
export async function appendEvent(pool: Pool, row: EventRow): Promise<boolean> {
  const json = (value: JsonObject | undefined): string | null => (value === undefined ? null : toJson(value));
  const { rowCount } = await pool.query(
    `INSERT INTO noetl.event (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (execution_id, event_id) DO NOTHING`,
    [
      ...[row.executionId, row.eventId, row.catalogId, row.type, row.status, row.node ?? null, row.nodeType ?? null],
      ...[json(row.context), json(row.result), json(row.meta), row.workerId ?? null, row.error ?? null],
    ],
  );
  return rowCount === 1;
}

/** An event as it is read. */
export interface StoredEvent {
  event_id: bigint;
  catalog_id: bigint;
  event_type: string;
  status: string | null;
  node_name: string | null;
  node_type: string | null;
  context: JsonObject | null;
  result: JsonObject | null;
  meta: JsonObject | null;
  worker_id: string | null;
  error: string | null;
  created_at: Date;
}

/** The events of an execution in their order. */
export async function eventsOf(pool: Pool, executionId: bigint): Promise<StoredEvent[]> {
  const { rows } = await pool.query<StoredEvent>(
    `SELECT event_id, catalog_id, event_type, status, node_name, node_type, context, result, meta, worker_id, error, created_at
     FROM noetl.event WHERE execution_id = $1 ORDER BY event_id`,
    [executionId],
  );
  return rows;
}
