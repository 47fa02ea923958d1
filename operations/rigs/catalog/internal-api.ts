import type { Json } from "../../../preview/graph";
import { at, listOf, numberOf, objectOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ownDatabase } from "../execution";
import type { HttpAnswer } from "../http";
import { GUARDED, intruders } from "../internal-requests";
import { judgeGate, judgeOutbox, judgeProjection } from "../judging/internal-api";
import { serverNeeds } from "../needs";
import { describe } from "../noetl";
import { eventLogNeeds } from "../pools";
import type { Rig } from "../rig";

/** Where the platform has always had the token. */
const TOKEN = { name: "noetl-internal-api-token", key: "token" };

/** Rows of its own that the rig puts into the outbox. */
const ROWS = 3;

/** Seconds until the platform's own publisher must have emptied the outbox. */
const EMPTY_SECONDS = 30;

/** Only who has the token is let in, and rows of the outbox and events go their way once. */
export const internalApi: Rig = {
  name: "internal-api",
  summary: "/api/internal lets in who has the token, and handles outbox and events as it should",
  proves: [
    "requests without a token, with another, a longer or a shorter one, or of another scheme are refused",
    "rows of the outbox are claimed once, and end published or failed with a time to try again",
    "events that are projected twice are written once",
  ],
  changes: ["3 rows of the outbox and 2 events, of an execution of their own"],
  needs: (platform) => [
    ...serverNeeds(platform),
    ...eventLogNeeds(platform),
    { object: { apiVersion: "v1", kind: "Secret", name: TOKEN.name, namespace: platform.namespace } },
  ],
  steps: () => {
    let token = "";
    let execution = 0;
    let own: string[] = [];
    const ask = (context: RigContext, path: string, body?: Json): Promise<HttpAnswer> =>
      context.noetl.ask({
        method: body === undefined ? "GET" : "POST",
        path: `/api/internal/${path}`,
        headers: { Authorization: `Bearer ${token}` },
        ...(body !== undefined && { body }),
      });
    return [
      {
        phase: "wait",
        title: "the outbox is empty, so that nobody else's rows are claimed",
        run: async (context) => {
          token = (await context.reach.secret({ namespace: context.platform.namespace, ...TOKEN })).trim();
          await awaitEmpty(context, () => ask(context, "outbox/pending-count"));
        },
      },
      {
        phase: "apply",
        title: `put ${ROWS} rows into the outbox`,
        run: async (context) => {
          execution = await unusedExecution(context);
          own = await putRows(context, execution);
        },
      },
      assertion("who has not the token is refused", async (context) => {
        const refused = [];
        for (const [how, headers] of intruders(token)) {
          for (const request of GUARDED) {
            const { status } = await context.noetl.ask({ ...request, headers });
            refused.push({ request: `${request.method ?? "GET"} ${request.path} ${how}`, status });
          }
        }
        return judgeGate(refused);
      }),
      assertion("rows of the outbox go their way", async (context) => {
        const pending = await ask(context, "outbox/pending-count");
        const claim = await ask(context, "outbox/claim", { limit: 2 });
        const ids = listOf(at(claim.json, "rows")).map((row) => objectOf(row).outbox_id ?? null);
        const markPublished = await ask(context, "outbox/mark-published", { outbox_ids: ids });
        const pendingAfter = await ask(context, "outbox/pending-count");
        const claimAgain = await ask(context, "outbox/claim", { limit: 10 });
        const failed = { outbox_id: Number(own.at(-1)), error: "noetl-ops verify internal-api", attempts: 1 };
        const markFailed = await ask(context, "outbox/mark-failed", failed);
        const states = await statesOf(context, execution);
        return judgeOutbox({ own, pending, claim, markPublished, pendingAfter, claimAgain, markFailed, states });
      }),
      assertion("events are written once", async (context) => {
        const event = (number: number): Json => ({
          event_id: execution + number,
          execution_id: execution,
          catalog_id: 0,
          event_type: "validation.test",
          status: "COMPLETED",
        });
        const events = { events: [event(1), event(2)] };
        const first = await ask(context, "events/project", events);
        const second = await ask(context, "events/project", events);
        return judgeProjection({ first, second, rows: await eventRows(context, execution) });
      }),
    ];
  },
};

async function awaitEmpty(context: RigContext, count: () => Promise<HttpAnswer>): Promise<void> {
  await context.waitFor({ what: "the outbox to be empty", seconds: EMPTY_SECONDS }, async (tellSeen) => {
    const answer = await count();
    const pending = numberOf(at(answer.json, "pending"));
    if (answer.status !== 200 || pending === undefined)
      throw new UserError(`pending-count with the token: ${describe(answer)}`);
    tellSeen(`${pending} rows wait`);
    return pending === 0 ? true : undefined;
  });
}

/** An execution id that nobody has; small enough for a number of JSON, and from the first month that ids have. */
async function unusedExecution(context: RigContext): Promise<number> {
  const rows = await ownDatabase(context, ({ query }) =>
    query(
      `SELECT candidate::text AS id
       FROM (SELECT 8000000000000000 + (random() * 900000000000000)::bigint AS candidate FROM generate_series(1, 20)) made
       WHERE NOT EXISTS (SELECT FROM noetl.event WHERE execution_id BETWEEN candidate AND candidate + 10)
         AND NOT EXISTS (SELECT FROM noetl.outbox WHERE execution_id BETWEEN candidate AND candidate + 10)
       LIMIT 1`,
    ),
  );
  const id = Number(rows[0]?.id);
  if (!Number.isSafeInteger(id)) throw new UserError("no execution id is free");
  return id;
}

/** Puts the rig's own rows into the outbox, as one change. @returns their ids, oldest first */
async function putRows(context: RigContext, execution: number): Promise<string[]> {
  const { postgres } = context.platform;
  if (postgres === undefined) throw new UserError("the database is not in this cluster");
  let ids: string[] = [];
  await context.change.make({
    title: `${ROWS} rows of the outbox and 2 events of execution ${execution}`,
    undo: {
      kind: "deleteRows",
      server: postgres.own,
      database: postgres.database,
      tables: ["noetl.outbox", "noetl.event"],
      execution: String(execution),
    },
    make: async () => {
      const rows = await ownDatabase(context, ({ query }) =>
        query(
          `INSERT INTO noetl.outbox (execution_id, event_id, subject, payload, payload_codec)
           SELECT $1::bigint, $1::bigint + 2 + number, 'noetl.verify', '{}', 'json' FROM generate_series(1, $2::int) AS number
           RETURNING outbox_id::text AS id`,
          [String(execution), ROWS],
        ),
      );
      ids = rows.map(({ id }) => String(id)).sort((one, other) => Number(one) - Number(other));
      return undefined;
    },
  });
  return ids;
}

async function statesOf(context: RigContext, execution: number): Promise<Map<string, string>> {
  const rows = await ownDatabase(context, ({ query }) =>
    query("SELECT outbox_id::text AS id, status FROM noetl.outbox WHERE execution_id = $1", [String(execution)]),
  );
  return new Map(rows.map(({ id, status }) => [String(id), String(status)]));
}

async function eventRows(context: RigContext, execution: number): Promise<number> {
  const rows = await ownDatabase(context, ({ query }) =>
    query("SELECT 1 FROM noetl.event WHERE execution_id = $1", [String(execution)]),
  );
  return rows.length;
}
