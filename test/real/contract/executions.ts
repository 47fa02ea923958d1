import type { Pool } from "pg";
import { parseExecutionId } from "../../../components/noetl/shard";
import type { Catalog } from "./catalog";
import type { Databases } from "./databases";
import { appendEvent, eventsOf, type StoredEvent } from "./event-log";
import type { Faults } from "./faults";
import { HttpError, type Request, type Routes } from "./http";
import { objectIn, textIn, toJson, type JsonObject } from "./json";
import type { Messaging } from "./messaging";
import type { Metrics } from "./metrics";
import { render, type Playbook, type Step } from "./playbook";
import type { Snowflake } from "./snowflake";

/** What executions are run with. */
export interface ExecutionParts {
  databases: Databases;
  catalog: Catalog;
  messaging: Messaging;
  metrics: Metrics;
  ids: Snowflake;
  faults: Faults;
  publicUrl: string;
}

/** Of every so many events, the fault of lost ones loses one. */
const LOST_OF = 50n;

/**
 * Executions: starts them, hands commands to workers, takes their events, and goes on from step to step. The event log
 * is the only state: whoever restarts goes on where it was.
 */
export class Executions {
  #ingested = 0n;

  constructor(private readonly parts: ExecutionParts) {}

  routes(): Routes {
    return {
      "POST /api/execute": async ({ body }) => ({ json: await this.execute(objectIn(body)) }),
      "POST /api/events": async ({ body }) => ({ json: await this.ingest(objectIn(body)) }),
      "POST /api/events/batch": async ({ body }) => {
        const { events } = objectIn(body);
        if (!Array.isArray(events) || events.length === 0) throw new HttpError(400, "events must not be empty");
        const results = [];
        for (const event of events) results.push(await this.ingest(objectIn(event)));
        return { json: { status: "ok", accepted: results.length, results } };
      },
      "GET /api/commands/{id}": async (request) => ({ json: commandOf(await this.issued(idIn(request))) }),
      "POST /api/commands/{id}/claim": async (request) => ({
        json: await this.claim(idIn(request), textIn(objectIn(request.body).worker_id)),
      }),
      "GET /api/executions": async () => ({ json: await this.list() }),
      "GET /api/executions/{id}": async (request) => ({ json: await this.detail(idIn(request)) }),
      "GET /api/executions/{id}/status": async (request) => ({ json: await this.status(idIn(request)) }),
      "GET /api/executions/{id}/events": async (request) => ({ json: { events: await this.events(idIn(request)) } }),
      "GET /api/vars/{id}": async (request) => ({ json: await this.variables(idIn(request)) }),
    };
  }

  private async execute(body: JsonObject): Promise<JsonObject> {
    const { databases, catalog, ids, metrics, faults } = this.parts;
    const { catalogId, playbook } = await catalog.resolve(body);
    const executionId = ids.next();
    if (faults.has("execution on the wrong shard")) databases.leadAstray(executionId);
    const workload = { ...playbook.workload, ...objectIn(body.workload), ...objectIn(body.payload) };
    const pool = textIn(body.execution_pool);
    await appendEvent(databases.of(executionId), {
      ...{ executionId, eventId: ids.next(), catalogId, type: "playbook_started", status: "STARTED" },
      ...{ node: playbook.path, nodeType: "playbook", context: { workload, path: playbook.path } },
      meta: pool === undefined ? {} : { execution_pool: pool },
    });
    const step = playbook.first;
    await this.issue({ executionId, catalogId, playbook, step, scope: { workload }, pool });
    metrics.count("noetl_execute_outcomes_total", { entry: "single", outcome: "started" });
    return { execution_id: executionId.toString(), status: "started", commands_generated: 1 };
  }

  /** Writes a command down, then tells the workers of it. */
  private async issue(command: {
    executionId: bigint;
    catalogId: bigint;
    playbook: Playbook;
    step: Step;
    scope: JsonObject;
    pool: string | undefined;
  }): Promise<void> {
    const { databases, messaging, ids, publicUrl } = this.parts;
    const { executionId, catalogId, playbook, step, scope } = command;
    const [eventId, commandId] = [ids.next(), ids.next()];
    const context = { tool_config: objectIn(render(step.tool, scope)), args: {}, render_context: {} };
    const meta = { command_id: commandId, attempt: 1 };
    const database = databases.of(executionId);
    await database.query(
      `INSERT INTO noetl.command
         (execution_id, command_id, event_id, catalog_id, step_name, tool_kind, status, attempt, context, meta)
       VALUES ($1, $2, $3, $4, $5, $6, 'PENDING', 1, $7, $8)`,
      [executionId, commandId, eventId, catalogId, step.name, step.tool.kind, toJson(context), toJson(meta)],
    );
    await appendEvent(database, {
      ...{ executionId, eventId, catalogId, type: "command.issued", status: "PENDING" },
      ...{ node: step.name, nodeType: step.tool.kind, context, meta },
    });
    const segment = command.pool ?? this.segment(playbook.path);
    const message = {
      ...{ execution_id: executionId, event_id: eventId, command_id: commandId.toString(), step: step.name },
      ...{ server_url: publicUrl, execution_pool: segment },
    };
    await messaging.publish(`noetl.commands.${segment}.${executionId}`, toJson(message));
  }

  private segment(path: string): string {
    const { faults } = this.parts;
    if (path.startsWith("system/")) return faults.has("system path on the shared consumer") ? "shared" : "system";
    return path.startsWith("subscription/") ? "subscription" : "shared";
  }

  /** A command by the id of its event: the one thing a worker knows of it, so every shard is asked. */
  private async issued(eventId: bigint): Promise<StoredEvent & { execution_id: bigint; pool: Pool }> {
    for (const pool of this.parts.databases.shards) {
      const { rows } = await pool.query<StoredEvent & { execution_id: bigint }>(
        "SELECT * FROM noetl.event WHERE event_id = $1 AND event_type = 'command.issued'",
        [eventId],
      );
      if (rows[0] !== undefined) return { ...rows[0], pool };
    }
    throw new HttpError(404, `Command not found for event_id: ${eventId}`);
  }

  private async claim(eventId: bigint, worker: string | undefined): Promise<JsonObject> {
    if (worker === undefined) throw new HttpError(400, "worker_id is required");
    const issued = await this.issued(eventId);
    const { rowCount } = await issued.pool.query(
      "UPDATE noetl.command SET status = 'CLAIMED' WHERE execution_id = $1 AND event_id = $2 AND status = 'PENDING'",
      [issued.execution_id, eventId],
    );
    if (rowCount !== 1) throw new HttpError(409, "command already claimed");
    await appendEvent(issued.pool, {
      ...{ executionId: issued.execution_id, eventId: this.parts.ids.next(), catalogId: issued.catalog_id },
      ...{ type: "command.claimed", status: "RUNNING", node: issued.node_name ?? "", workerId: worker },
      ...{ nodeType: issued.node_type ?? "", meta: issued.meta ?? {} },
    });
    return commandOf(issued);
  }

  /** Takes an event of a worker; the end of a call leads to the next steps. */
  private async ingest(body: JsonObject): Promise<JsonObject> {
    const { databases, ids, metrics, faults } = this.parts;
    const begin = performance.now();
    const type = textIn(body.event_type) ?? textIn(body.name);
    const executionId = parseExecutionId(String(body.execution_id));
    if (type === undefined || executionId === undefined) {
      metrics.count("noetl_events_ingested_total", { event_type: type ?? "", status: "error" });
      throw new HttpError(400, "an event needs execution_id and event_type");
    }
    const database = databases.of(executionId);
    const catalogId = await this.catalogIdOf(database, executionId);
    const eventId = ids.next();
    const payload = objectIn(body.payload);
    const result = "result" in payload ? objectIn(payload.result) : payload;
    this.#ingested += 1n;
    const lost = faults.has("events lost under load") && this.#ingested % LOST_OF === 0n && !type.startsWith("call.");
    if (!lost) {
      await appendEvent(database, {
        ...{ executionId, eventId, catalogId, type, status: textIn(body.status) ?? statusOf(type) },
        ...{ node: textIn(body.step), nodeType: textIn(body.tool_kind), result, meta: objectIn(body.meta) },
        ...{ workerId: textIn(body.worker_id), error: textIn(body.error) ?? textIn(payload.error) },
      });
    }
    metrics.count("noetl_events_ingested_total", { event_type: type, status: "ok" });
    metrics.observe("noetl_event_ingest_duration_seconds", (performance.now() - begin) / 1000, { event_type: type });
    const commands = type === "call.done" || type === "call.error" ? await this.proceed(executionId, catalogId) : 0;
    return { status: "ok", event_id: eventId, commands_generated: commands };
  }

  private async catalogIdOf(database: Pool, executionId: bigint): Promise<bigint> {
    const { rows } = await database.query<{ catalog_id: bigint }>(
      "SELECT catalog_id FROM noetl.event WHERE execution_id = $1 LIMIT 1",
      [executionId],
    );
    if (rows[0] === undefined) throw new HttpError(404, `Execution not found: ${executionId}`);
    return rows[0].catalog_id;
  }

  /** Issues what comes after the steps that are done, or ends the execution. @returns how many commands */
  private async proceed(executionId: bigint, catalogId: bigint): Promise<number> {
    const { databases, catalog, ids } = this.parts;
    const database = databases.of(executionId);
    const events = await eventsOf(database, executionId);
    const end = (type: string, status: string) =>
      appendEvent(database, { executionId, eventId: ids.next(), catalogId, type, status, nodeType: "playbook" });
    if (events.some(({ event_type: type }) => type.startsWith("playbook."))) return 0;
    if (events.some(({ event_type: type }) => type === "call.error")) {
      await end("playbook.failed", "FAILED");
      return 0;
    }
    const playbook = await catalog.playbook(catalogId);
    const done = events.filter(({ event_type: type }) => type === "call.done");
    const issued = new Set(events.filter((event) => event.event_type === "command.issued").map((e) => e.node_name));
    const started = events.find(({ event_type: type }) => type === "playbook_started");
    const scope: JsonObject = { workload: started?.context?.workload };
    for (const { node_name: name, result } of done) scope[name ?? ""] = result;
    const next = new Set(done.flatMap(({ node_name: name }) => playbook.steps.get(name ?? "")?.next ?? []));
    const steps = [...next].flatMap((name) => (issued.has(name) ? [] : (playbook.steps.get(name) ?? [])));
    const pool = textIn(started?.meta?.execution_pool);
    for (const step of steps) await this.issue({ executionId, catalogId, playbook, step, scope, pool });
    if (steps.length === 0 && done.length === issued.size) await end("playbook.completed", "COMPLETED");
    return steps.length;
  }

  private async events(executionId: bigint): Promise<StoredEvent[]> {
    const events = await eventsOf(this.parts.databases.of(executionId), executionId);
    if (events.length === 0) throw new HttpError(404, `Execution not found: ${executionId}`);
    return events;
  }

  private async status(executionId: bigint): Promise<JsonObject> {
    const events = await this.events(executionId);
    const count = (type: string): number => events.filter((event) => event.event_type === type).length;
    const status = executionStatus(events);
    const [issued, done, failed] = [count("command.issued"), count("call.done"), count("call.error")];
    return {
      execution_id: executionId,
      status,
      completed: status === "COMPLETED",
      failed: status === "FAILED",
      current_step: events.findLast(({ event_type: type }) => type === "command.issued")?.node_name ?? null,
      progress: {
        ...{ total_steps: issued, completed_steps: done, running_steps: issued - done - failed, failed_steps: failed },
      },
      is_cancelled: false,
    };
  }

  private async detail(executionId: bigint): Promise<JsonObject> {
    const events = await this.events(executionId);
    const [first] = events;
    return {
      execution_id: executionId,
      catalog_id: first?.catalog_id,
      path: first?.context?.path ?? null,
      status: executionStatus(events),
      started_at: first?.created_at,
      workload: first?.context?.workload ?? {},
      events: events.map(({ event_id, event_type, node_name, status, created_at, result, error }) => ({
        ...{ event_id, event_type, node_name, status, created_at, result, error },
      })),
    };
  }

  private async list(): Promise<JsonObject[]> {
    const query = `SELECT execution_id FROM noetl.event WHERE event_type = 'playbook_started' ORDER BY 1 DESC LIMIT 50`;
    const all = await Promise.all(
      this.parts.databases.shards.map((pool) => pool.query<{ execution_id: bigint }>(query)),
    );
    const ids = all.flatMap(({ rows }) => rows.map(({ execution_id: id }) => id));
    return Promise.all(
      ids.map(async (id) => {
        const { execution_id, catalog_id, path, status, started_at, events } = await this.detail(id);
        return { execution_id, catalog_id, path, status, started_at, event_count: (events as unknown[]).length };
      }),
    );
  }

  private async variables(executionId: bigint): Promise<JsonObject> {
    const { rows } = await this.parts.databases.of(executionId).query<{
      var_name: string;
      var_value: unknown;
    }>("SELECT var_name, var_value FROM noetl.transient WHERE execution_id = $1", [executionId]);
    return {
      execution_id: executionId,
      variables: Object.fromEntries(rows.map(({ var_name: name, var_value: value }) => [name, value])),
      count: rows.length,
    };
  }
}

function commandOf({ execution_id, node_name, node_type, context, meta }: StoredEvent & { execution_id: bigint }) {
  return { execution_id, node_id: node_name, node_name, action: node_type, context, meta };
}

function executionStatus(events: readonly StoredEvent[]): string {
  const has = (type: string): boolean => events.some((event) => event.event_type === type);
  if (has("playbook.completed")) return "COMPLETED";
  return has("playbook.failed") ? "FAILED" : "RUNNING";
}

function statusOf(type: string): string {
  if (type === "call.error" || type.endsWith(".failed")) return "FAILED";
  return type === "call.done" || type.endsWith(".completed") ? "COMPLETED" : "RUNNING";
}

function idIn({ parameters }: Request): bigint {
  const id = parseExecutionId(parameters.id ?? "");
  if (id === undefined) throw new HttpError(400, "not a 64-bit id");
  return id;
}
