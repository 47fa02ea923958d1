import type { Pool } from "pg";
import { HttpError, type Routes } from "./http";
import { objectIn, textIn, toJson, type JsonObject } from "./json";
import type { Snowflake } from "./snowflake";

/** The workers that a server knows. */
export class WorkerPools {
  constructor(
    private readonly pool: Pool,
    private readonly ids: Snowflake,
  ) {}

  routes(): Routes {
    return {
      "POST /api/worker/pool/register": ({ body }) => this.note(objectIn(body), "ready"),
      "POST /api/worker/pool/heartbeat": ({ body }) => this.note(objectIn(body), "ready"),
      "POST /api/worker/pool/deregister": ({ body }) => this.note(objectIn(body), "offline"),
      "GET /api/worker/pools": async () => {
        const { rows } = await this.pool.query<JsonObject>(
          `SELECT name, kind, status, capacity, labels, heartbeat AS last_heartbeat FROM noetl.runtime
           WHERE kind = 'worker_pool' ORDER BY name`,
        );
        return { json: { items: rows, count: rows.length } };
      },
    };
  }

  private async note(body: JsonObject, status: string) {
    const name = textIn(body.name);
    if (name === undefined) throw new HttpError(400, "name is required");
    await this.pool.query(
      `INSERT INTO noetl.runtime (runtime_id, name, kind, status, capacity, labels)
       VALUES ($1, $2, 'worker_pool', $3, $4, $5)
       ON CONFLICT (kind, name) DO UPDATE SET status = $3, heartbeat = now(), updated_at = now()`,
      [this.ids.next(), name, status, body.capacity ?? null, toJson(objectIn(body.labels))],
    );
    return { json: { status: "ok", name } };
  }
}
