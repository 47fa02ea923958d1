import { z } from "zod";
import { STATES } from "../../tasks/states";
import type { ApiContext } from "../context";
import type { ErrorCode } from "../error-codes";
import { ApiError } from "../problem";
import { done, route, type Reply, type Route } from "../route";
import { success, whole } from "../schemas";
import { STATUS, timeOf } from "../task-view";

const UNHEALTHY = "unhealthy" satisfies ErrorCode;
const NATS_AWAY = "NATS does not answer: what is not yet with a worker waits until it is back";
const counts = z.record(z.string(), z.int());
const health = z.strictObject({
  status: z.enum(["healthy", "unhealthy"]),
  reasons: z.array(z.string()).describe("Why it takes no new work; empty when it does."),
  engine: z.string(),
  tasks: counts.describe("Tasks by status."),
  waiting: counts.describe("Tasks that have not ended, by what they wait for."),
  nats: z
    .enum(["connected", "away"])
    .nullable()
    .describe("How the connection to NATS is, by which tasks are handed out; null: they are done here."),
  notices: z.array(z.string()).describe("What was repaired when the service started, and what tasks wait for now."),
  cluster: z
    .strictObject({
      node: z.string(),
      role: z.enum(["leader", "follower"]),
      leader: z.string().nullable(),
      nodes: z.array(z.strictObject({ node: z.string(), url: z.string(), concurrency: z.int() })),
    })
    .nullable()
    .describe("The nodes that share the storage, and who leads; null where only one can have it."),
});

/** Routes about the service itself. */
export function serviceRoutes(context: ApiContext): Route[] {
  const { storage, metrics } = context;
  return [
    route({
      method: "GET",
      path: "/health",
      id: "health",
      summary: "Whether the service is well, and why not",
      needs: "view",
      answers: {
        200: { describes: "It takes work.", schema: success(health) },
        503: {
          describes: "It takes no new work.",
          schema: z.strictObject({
            success: z.literal(false),
            data: health,
            error: z.strictObject({ code: z.literal(UNHEALTHY), message: z.string() }),
          }),
        },
      },
      handle: () => healthReply(context),
    }),
    route({
      method: "GET",
      path: "/metrics",
      id: "metrics",
      summary: "Metrics for Prometheus",
      needs: "view",
      answers: { 200: { describes: "Text format 0.0.4.", type: "text/plain" } },
      handle: async ({ reply }) => {
        await reply.header("content-type", metrics.contentType).send(await metrics.text());
        return undefined;
      },
    }),
    route({
      method: "GET",
      path: "/audit",
      id: "read_audit",
      summary: "Read the audit log, oldest first",
      needs: "administer",
      query: z.strictObject({
        after: whole(0, Number.MAX_SAFE_INTEGER, 0).describe("Number of the last entry that was read."),
        limit: whole(1, 1000, 100),
      }),
      answers: {
        200: {
          describes: "Entries; each hash is made of the one before and of the entry.",
          schema: success(
            z.array(
              z.looseObject({ n: z.int(), at: z.iso.datetime(), by: z.string(), action: z.string(), hash: z.string() }),
            ),
          ),
        },
      },
      handle: async ({ query }) =>
        done((await storage.audit(query)).map((entry) => ({ ...entry, at: timeOf(entry.at) }))),
    }),
    route({
      method: "GET",
      path: "/audit/verify",
      id: "verify_audit",
      summary: "Follow the audit log's chain of hashes",
      needs: "administer",
      answers: {
        200: {
          describes: "Whether nothing was changed or taken out.",
          schema: success(
            z.union([
              z.strictObject({
                whole: z.literal(true),
                entries: z.int(),
                hash: z.string(),
                after: z
                  .strictObject({ n: z.int(), hash: z.string() })
                  .optional()
                  .describe("The last entry of those that were archived away."),
              }),
              z.strictObject({ whole: z.literal(false), at: z.int(), reason: z.string() }),
            ]),
          ),
        },
      },
      handle: async () => done(await storage.verifyAudit()),
    }),
  ];
}

/** Whether the service takes work, and why not. */
export async function healthReply({ queue, storage, engine, cluster, isStopping, nats }: ApiContext): Promise<Reply> {
  const reasons: string[] = [];
  const { state, reason = state } = storage.health();
  if (state !== "ok") reasons.push(reason);
  if (isStopping()) reasons.push("the service is stopping");
  else if (queue.isDraining) reasons.push("the service is drained, until everything is resumed");
  const connection = nats() ?? null;
  const byState = await storage.counts();
  const data = {
    status: reasons.length === 0 ? "healthy" : "unhealthy",
    reasons,
    engine: engine.name,
    tasks: Object.fromEntries(STATES.map((one) => [STATUS[one], byState[one]])),
    waiting: queue.counts(),
    nats: connection && (connection.isConnected ? ("connected" as const) : ("away" as const)),
    // It takes work all the same, which is kept until then.
    notices: [...storage.notices, ...(connection?.isConnected === false ? [NATS_AWAY] : [])],
    cluster: cluster?.() ?? null,
  };
  if (reasons.length === 0) return done(data);
  return { status: 503, body: { success: false, data, error: { code: UNHEALTHY, message: reasons.join("; ") } } };
}

/** What is at no address. */
export function notFound(method: string, path: string): ApiError {
  const message = `there is no ${method} ${path.slice(0, 200)}; all routes: /openapi.json`;
  return new ApiError("route-unknown", message, [{ path: "path", message }]);
}
