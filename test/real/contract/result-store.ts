import { createHash } from "node:crypto";
import { parseExecutionId } from "../../../components/noetl/shard";
import type { Databases } from "./databases";
import type { Faults } from "./faults";
import { HttpError, type Routes } from "./http";
import { canonicalJson, objectIn, textIn, type JsonObject } from "./json";
import type { Metrics } from "./metrics";
import type { ServerRuntime } from "./server-settings";
import type { Snowflake } from "./snowflake";

/** Where a server says that it keeps results: the Rust server's database is none of the Python server's tiers. */
const STORES: Record<ServerRuntime, string> = { rust: "db", python: "disk" };

/** Results that are too large for an event, by references `noetl://execution/ID/result/NAME/RESULT`. */
export class ResultStore {
  constructor(
    private readonly runtime: ServerRuntime,
    private readonly databases: Databases,
    private readonly ids: Snowflake,
    private readonly metrics: Metrics,
    private readonly faults: Faults,
  ) {}

  routes(): Routes {
    return {
      "PUT /api/result/{id}": async ({ parameters, body }) => {
        const id = parseExecutionId(parameters.id ?? "");
        const { name, data, scope, source_step: step } = objectIn(body);
        if (id === undefined || textIn(name) === undefined || data === undefined) {
          throw new HttpError(400, "a result needs an execution, a name and data");
        }
        const named = { name: String(name), scope: textIn(scope) ?? "execution", step: textIn(step) };
        return { json: await this.put(id, named, data) };
      },
      // The very text whose hash the reference tells, as the published server gives it.
      "GET /api/result/resolve": async ({ query }) => ({
        text: canonicalJson(await this.resolve(query.get("ref") ?? "")),
        type: "application/json",
      }),
    };
  }

  /** The data behind a reference. @throws HttpError 400 or 404 */
  async resolve(ref: string): Promise<unknown> {
    const [, execution = "", name = "", result = ""] =
      /^noetl:\/\/execution\/(\d+)\/result\/(.+)\/(\d+)$/.exec(ref) ?? [];
    const [executionId, resultId] = [parseExecutionId(execution), parseExecutionId(result)];
    const told = (status: string): void => {
      this.metrics.count("noetl_result_store_resolve_total", { status });
    };
    if (executionId === undefined || resultId === undefined) {
      told("bad_request");
      throw new HttpError(400, `not a reference of a result: ${ref}`);
    }
    const { rows } = await this.databases.of(executionId).query<{
      data: unknown;
    }>("SELECT data FROM noetl.result_store WHERE execution_id = $1 AND name = $2 AND result_id = $3", [executionId, name, resultId]);
    told(rows[0] === undefined ? "not_found" : "ok");
    if (rows[0] === undefined) throw new HttpError(404, "result not found");
    const { data } = rows[0];
    return this.faults.has("rows lost in the result store") ? withoutLastRow(objectIn(data)) : data;
  }

  private async put(
    executionId: bigint,
    { name, scope, step }: { name: string; scope: string; step: string | undefined },
    data: unknown,
  ): Promise<JsonObject> {
    const text = canonicalJson(data);
    const bytes = Buffer.byteLength(text);
    const salt = this.faults.has("wrong content hash") ? "salt" : "";
    const sha256 = createHash("sha256")
      .update(text + salt)
      .digest("hex");
    const resultId = this.ids.next();
    await this.databases.of(executionId).query(
      `INSERT INTO noetl.result_store (result_id, execution_id, name, scope, source_step, data, bytes, sha256)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [resultId, executionId, name, scope, step ?? null, text, bytes, sha256],
    );
    this.metrics.count("noetl_result_store_put_total", { status: "ok" });
    const ref = `noetl://execution/${executionId}/result/${name}/${resultId}`;
    return { ref, store: STORES[this.runtime], scope, bytes, sha256, expires_at: null };
  }
}

function withoutLastRow(data: JsonObject): JsonObject {
  const { rows } = data;
  return Array.isArray(rows) ? { ...data, rows: rows.slice(0, -1) } : data;
}
