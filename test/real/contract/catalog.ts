import type { Pool } from "pg";
import { parseExecutionId } from "../../../components/noetl/shard";
import type { Faults } from "./faults";
import { HttpError, type Routes } from "./http";
import { objectIn, textIn, type JsonObject } from "./json";
import { parsePlaybook, type Playbook } from "./playbook";

/** The registered documents, in the database that all shards share. */
export class Catalog {
  constructor(
    private readonly pool: Pool,
    private readonly faults: Faults,
  ) {}

  routes(): Routes {
    return {
      "POST /api/catalog/register": async ({ body }) => ({ json: await this.register(objectIn(body)) }),
      "POST /api/catalog/list": async ({ body }) => ({ json: await this.list(objectIn(body)) }),
    };
  }

  /** The playbook that a request names by path and version, the newest without one, or by catalog id. */
  async resolve(body: JsonObject): Promise<{ catalogId: bigint; playbook: Playbook }> {
    const path = textIn(body.path);
    const id = parseExecutionId(String(body.catalog_id));
    if (path === undefined && id === undefined) {
      throw new HttpError(400, "Either 'path' or 'catalog_id' must be provided");
    }
    const { rows } = await this.pool.query<{ catalog_id: bigint; content: string }>(
      `SELECT catalog_id, content FROM noetl.catalog
       WHERE CASE WHEN $1::bigint IS NULL THEN path = $2 AND ($3::int IS NULL OR version = $3) ELSE catalog_id = $1 END
       ORDER BY version DESC LIMIT 1`,
      [id ?? null, path ?? null, body.version ?? null],
    );
    if (rows[0] === undefined) throw new HttpError(404, `Playbook not found: ${path ?? String(id)}`);
    return { catalogId: rows[0].catalog_id, playbook: parsePlaybook(rows[0].content) };
  }

  /** The playbook of a catalog id. */
  async playbook(catalogId: bigint): Promise<Playbook> {
    return (await this.resolve({ catalog_id: catalogId })).playbook;
  }

  private async register(body: JsonObject): Promise<JsonObject> {
    if (this.faults.has("playbooks rejected")) throw new HttpError(422, "the step 'start' is not known");
    const content = textIn(body.content);
    if (content === undefined) throw new HttpError(400, "content is required");
    const kind = (textIn(body.resource_type) ?? "Playbook").toLowerCase();
    const { path } = parsePlaybook(content);
    const { rows } = await this.pool.query<{ catalog_id: bigint; version: number }>(
      `INSERT INTO noetl.catalog (path, version, kind, content)
       SELECT $1, coalesce(max(version), 0) + 1, $2, $3 FROM noetl.catalog WHERE path = $1
       RETURNING catalog_id, version`,
      [path, kind, content],
    );
    const version = rows[0]?.version ?? 0;
    const catalogId = String(rows[0]?.catalog_id);
    const message = `Resource '${path}' version '${version}' registered.`;
    return { status: "success", message, path, version, catalog_id: catalogId, kind };
  }

  private async list(body: JsonObject): Promise<JsonObject> {
    const kind = (textIn(body.resource_type) ?? textIn(body.kind))?.toLowerCase();
    const { rows } = await this.pool.query<JsonObject>(
      `SELECT catalog_id::text, path, version, kind, created_at FROM noetl.catalog
       WHERE $1::text IS NULL OR kind = $1 ORDER BY catalog_id DESC LIMIT 50`,
      [kind ?? null],
    );
    return { entries: rows };
  }
}
