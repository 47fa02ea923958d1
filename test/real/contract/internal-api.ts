import { timingSafeEqual } from "node:crypto";
import { parseExecutionId } from "../../../components/noetl/shard";
import type { Databases } from "./databases";
import { appendEvent } from "./event-log";
import type { Faults } from "./faults";
import { type Handler, HttpError, type Request, type Routes } from "./http";
import { objectIn, textIn, type JsonObject } from "./json";

const TOKEN = "NOETL_INTERNAL_API_TOKEN";
/** Statuses of rows that wait for a publisher. */
const WAITING = "status IN ('PENDING', 'FAILED') AND available_at <= now()";
const MOST_CLAIMED = 1000;
const MOST_DELAY_SECONDS = 300;

/** `/api/internal`: what only the system pool may ask for. */
export class InternalApi {
  constructor(
    private readonly databases: Databases,
    private readonly token: string | undefined,
    private readonly faults: Faults,
  ) {}

  routes(): Routes {
    const routes: Record<string, Handler> = {
      "GET /api/internal/outbox/pending-count": () => this.pendingCount(),
      "POST /api/internal/outbox/claim": ({ body }) => this.claim(Number(objectIn(body).limit ?? 100)),
      "POST /api/internal/outbox/mark-published": ({ body }) => this.markPublished(objectIn(body).outbox_ids),
      "POST /api/internal/outbox/mark-failed": ({ body }) => this.markFailed(objectIn(body)),
      "POST /api/internal/events/project": ({ body }) => this.project(objectIn(body).events),
    };
    return Object.fromEntries(
      Object.entries(routes).map(([route, handler]) => [
        route,
        (request: Request) => {
          this.assertAllowed(request);
          return handler(request);
        },
      ]),
    );
  }

  /** 503 when the server has no token, 403 when the caller has not the server's. */
  private assertAllowed({ headers: { authorization } }: Request): void {
    if (!this.token?.trim()) throw new HttpError(503, `Internal API not configured: ${TOKEN} is not set on the server`);
    if (authorization === undefined) throw new HttpError(403, "Internal API requires an Authorization header");
    if (this.faults.has("token check accepts everything")) return;
    const [scheme = "", given = ""] = authorization.split(" ");
    if (scheme.toLowerCase() !== "bearer" || given === "") throw new HttpError(403, "Internal API requires a token");
    const [a, b] = [Buffer.from(given), Buffer.from(this.token)];
    if (a.length !== b.length || !timingSafeEqual(a, b)) throw new HttpError(403, "Invalid token");
  }

  private async pendingCount() {
    const { rows } = await this.databases.cluster.query<{ pending: bigint }>(
      `SELECT count(*) AS pending FROM noetl.outbox WHERE ${WAITING}`,
    );
    return { json: { pending: rows[0]?.pending } };
  }

  private async claim(limit: number) {
    const { rows } = await this.databases.cluster.query<JsonObject>(
      `WITH ready AS (
         SELECT outbox_id FROM noetl.outbox WHERE ${WAITING} ORDER BY outbox_id LIMIT $1 FOR UPDATE SKIP LOCKED)
       UPDATE noetl.outbox SET status = 'IN_FLIGHT', attempts = attempts + 1, locked_at = now(), updated_at = now()
       FROM ready WHERE outbox.outbox_id = ready.outbox_id
       RETURNING outbox.outbox_id, event_id, execution_id, subject, payload, payload_codec, attempts`,
      [Math.min(Math.max(limit, 1), MOST_CLAIMED)],
    );
    return { json: { rows, claimed: rows.length } };
  }

  private async markPublished(ids: unknown) {
    if (!Array.isArray(ids) || ids.length === 0) throw new HttpError(400, "outbox_ids must not be empty");
    if (this.faults.has("published outbox rows come back")) {
      const lost = "UPDATE noetl.outbox SET status = 'PENDING' WHERE outbox_id = ANY($1::bigint[])";
      return { json: { marked: (await this.databases.cluster.query(lost, [ids])).rowCount } };
    }
    const { rowCount } = await this.databases.cluster.query(
      `UPDATE noetl.outbox SET status = 'PUBLISHED', published_at = now(), updated_at = now(), last_error = NULL
       WHERE outbox_id = ANY($1::bigint[])`,
      [ids],
    );
    return { json: { marked: rowCount } };
  }

  private async markFailed(body: JsonObject) {
    const id = parseExecutionId(String(body.outbox_id));
    const error = textIn(body.error);
    if (id === undefined || error === undefined) throw new HttpError(400, "outbox_id and error are required");
    const most = Number(body.max_delay_seconds ?? MOST_DELAY_SECONDS);
    const delay = Math.min(2 ** Math.min(Math.max(Number(body.attempts ?? 1) - 1, 0), 8), most);
    await this.databases.cluster.query(
      `UPDATE noetl.outbox SET status = 'FAILED', available_at = now() + make_interval(secs => $1), last_error = $2,
         updated_at = now() WHERE outbox_id = $3`,
      [delay, error.slice(0, 2000), id],
    );
    return { json: { marked: true, available_at_in: delay } };
  }

  private async project(events: unknown) {
    if (!Array.isArray(events) || events.length === 0) throw new HttpError(400, "events must not be empty");
    const counts = { projected: 0, duplicates: 0 };
    for (const event of events.map(objectIn)) {
      const [executionId, eventId] = [event.execution_id, event.event_id].map((id) => parseExecutionId(String(id)));
      const type = textIn(event.event_type);
      if (executionId === undefined || eventId === undefined || type === undefined) {
        throw new HttpError(400, "an event needs event_id, execution_id and event_type");
      }
      const isNew = await appendEvent(this.databases.of(executionId), {
        ...{ executionId, eventId, catalogId: parseExecutionId(String(event.catalog_id)) ?? 0n, type },
        ...{ status: textIn(event.status) ?? "", node: textIn(event.node_name), meta: objectIn(event.meta) },
      });
      counts[isNew || this.faults.has("projection not idempotent") ? "projected" : "duplicates"] += 1;
    }
    return { json: counts };
  }
}
