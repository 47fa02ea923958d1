import { setTimeout as delay } from "node:timers/promises";
import { jetstream, jetstreamManager, type Consumer, type JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { callApi, type Answered } from "./http-client";
import { Listening } from "./http";
import { canonicalJson, objectIn, parseJson, textIn, type JsonObject } from "./json";
import { connectToNats } from "./messaging";
import { Metrics } from "./metrics";
import { type Address, type Place, StartError } from "./place";
import { scrub } from "./scrub";
import { metricsAnswer } from "./server";
import { runTool, type Select } from "./tools";
import { workerSettings, type WorkerRuntime, type WorkerSettings } from "./worker-settings";

/** A result of more bytes goes to the result store, and its event holds a reference. */
const INLINE_BYTES = 100 * 1024;
/** So many rows of a result are in the Python worker's event, whatever its size. */
const SAMPLE_ROWS = 10;
/** For how long a pull waits; the shortest that NATS knows. */
const PULL_MILLISECONDS = 1000;

/** What the server's answer to a claim means, as the metrics call it. */
const CLAIMS: Readonly<Record<number, string>> = { 200: "claimed", 404: "failed", 409: "already_claimed" };

/** What a worker is run with. */
export interface WorkerOptions {
  runtime: WorkerRuntime;
  select: Select;
}

/**
 * A NoETL worker for tests: pulls commands from its durable consumers, claims them at the server, runs their tools, and
 * tells the server how that went.
 */
export class ContractWorker {
  readonly #metrics = new Metrics();
  readonly #loops: Promise<void>[] = [];
  #stopped = false;
  #busy = 0;
  #listening: Listening | undefined;

  private constructor(
    private readonly place: Place,
    private readonly options: WorkerOptions,
    private readonly settings: WorkerSettings,
    private readonly nats: NatsConnection,
  ) {}

  /** @throws StartError when NATS or the server are not there: it ends, and is started again */
  static async start(place: Place, options: WorkerOptions): Promise<ContractWorker> {
    const settings = workerSettings(place, options.runtime);
    const nats = await connectToNats(place, settings.nats.url, settings.nats.login).catch((error: unknown) => {
      throw new StartError(`NATS: ${(error as Error).message}`);
    });
    const worker = new ContractWorker(place, options, settings, nats);
    try {
      await worker.prepare();
    } catch (error) {
      await nats.close();
      throw new StartError((error as Error).message);
    }
    return worker;
  }

  /** Where metrics and health are, by the port of its container. */
  get endpoints(): ReadonlyMap<number, Address> {
    return new Map(this.#listening ? [[this.settings.metricsPort, this.#listening.address]] : []);
  }

  /** Ends it, as SIGTERM does: what it has begun, it finishes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    await this.api("POST", "/api/worker/pool/deregister", { name: this.settings.id }).catch(() => undefined);
    await this.#listening?.stop();
    await this.nats.close();
  }

  private async prepare(): Promise<void> {
    const { place, settings } = this;
    const manager = await jetstreamManager(this.nats, { timeout: 10_000 });
    const { stream, subject } = settings;
    await manager.streams
      .info(stream)
      .catch(() => manager.streams.add({ name: stream, subjects: [subject, `${subject}.>`], storage: "file" }));
    for (const { name, filter } of settings.consumers) {
      const config = { durable_name: name, filter_subject: filter, ack_policy: "explicit", max_ack_pending: 1000 };
      await manager.consumers.info(stream, name).catch(() => manager.consumers.add(stream, config as object));
    }
    const registered = await this.api("POST", "/api/worker/pool/register", {
      ...{ name: settings.id, capacity: settings.concurrent, labels: { pool: settings.pool } },
    });
    if (registered.status !== 200) throw new Error(`the server answers ${registered.status} to the registration`);
    this.#listening = await Listening.start({
      "GET /healthz": () => ({ text: "ok" }),
      "GET /metrics": async () => {
        await this.measure();
        return metricsAnswer(this.#metrics, place);
      },
    });
    for (const { name } of settings.consumers) {
      const consumer = await jetstream(this.nats).consumers.get(stream, name);
      for (let slot = 0; slot < settings.concurrent; slot += 1) this.#loops.push(this.pull(consumer));
    }
  }

  private async pull(consumer: Consumer): Promise<void> {
    while (!this.#stopped) {
      let message: JsMsg | null;
      try {
        message = await consumer.next({ expires: PULL_MILLISECONDS });
      } catch (error) {
        if (this.nats.isClosed()) return;
        this.place.log(`WARN pull failed: ${(error as Error).message}`);
        await delay(PULL_MILLISECONDS);
        continue;
      }
      if (message === null) continue;
      if (this.place.faults.has("commands left lying")) {
        message.nak(1000);
        continue;
      }
      try {
        await this.handle(objectIn(parseJson(message.string())));
        message.ack();
      } catch (error) {
        this.place.log(`WARN command not done: ${(error as Error).message}`);
        message.nak(1000);
      }
    }
  }

  private async handle(notification: JsonObject): Promise<void> {
    const { place, settings } = this;
    const { id } = settings;
    const claimed = await this.api("POST", `/api/commands/${String(notification.event_id)}/claim`, { worker_id: id });
    const outcome = CLAIMS[claimed.status] ?? "retry_later";
    this.#metrics.count("noetl_worker_pulls_total", { outcome });
    if (outcome === "retry_later") throw new Error(`the server answers ${claimed.status} to the claim`);
    if (outcome !== "claimed") return;
    // The server that has issued a command hears of it: it issues the next one.
    const command: JsonObject = { ...objectIn(claimed.body), server_url: notification.server_url };
    await this.emit(command, "command.started", { status: "RUNNING" });
    const kind = String(command.action);
    const serverUrl = textIn(notification.server_url) ?? settings.serverUrl;
    const begin = performance.now();
    this.#busy += 1;
    try {
      const config = objectIn(objectIn(command.context).tool_config);
      const result = await this.resultOf(
        command,
        kind,
        await runTool(kind, config, { place, settings, serverUrl, ...this.options }),
      );
      await this.emit(command, "command.completed", { status: "success" });
      await this.emit(command, "call.done", result);
    } catch (error) {
      const { message } = error as Error;
      this.#metrics.count("noetl_worker_dispatch_errors_total", { tool_kind: kind });
      await this.emit(command, "command.failed", { status: "error", error: message });
      await this.emit(command, "call.error", { status: "error", error: message });
    } finally {
      this.#busy -= 1;
      const seconds = (performance.now() - begin) / 1000;
      this.#metrics.observe("noetl_worker_dispatch_duration_seconds", seconds, { tool_kind: kind });
    }
  }

  /** What the event of a call tells of its result: all of it, or a reference when that is too much. */
  private async resultOf(command: JsonObject, kind: string, found: JsonObject): Promise<JsonObject> {
    const { faults } = this.place;
    if (this.options.runtime === "python") return { status: "success", context: { data: sample(found) } };
    const data = faults.has("no credential scrub") ? found : objectIn(scrub(found));
    const large = Buffer.byteLength(canonicalJson(data)) > INLINE_BYTES;
    if (!large || faults.has("over-budget result kept inline")) {
      return { status: "success", context: { status: "success", data } };
    }
    const reference = await this.store(command, data);
    return kind === "result_fetch"
      ? { status: "success", context: { status: "success", reference } }
      : { status: "success", reference };
  }

  /** Puts a result into the server's store. @returns the reference that the event holds in its place */
  private async store(command: JsonObject, data: JsonObject): Promise<JsonObject> {
    const step = String(command.node_name);
    const begin = performance.now();
    const { status, body } = await this.api(
      "PUT",
      `/api/result/${String(command.execution_id)}`,
      { name: step, data, scope: "execution", source_step: step },
      textIn(command.server_url),
    );
    if (status !== 200) {
      this.#metrics.count("noetl_worker_result_store_put_errors_total");
      throw new Error(`the server answers ${status} to a result`);
    }
    const stored = objectIn(body);
    this.#metrics.observe("noetl_worker_result_store_put_duration_seconds", (performance.now() - begin) / 1000);
    this.#metrics.count("noetl_worker_result_store_put_bytes_total", {}, Number(stored.bytes));
    const rows = Array.isArray(data.rows) ? data.rows.length : 0;
    return {
      kind: "result_ref",
      ...{ ref: stored.ref, store: stored.store, scope: stored.scope },
      meta: { bytes: stored.bytes, sha256: stored.sha256 },
      // Told as the Rust worker tells it; there is no such memory, and nothing here is Arrow.
      ipc: {
        media_type: "application/vnd.apache.arrow.stream",
        row_count: this.place.faults.has("wrong row count") ? rows - 1 : rows,
        schema_digest: "arrow",
        shm_name: `noetl-${String(command.execution_id)}-${step}`,
      },
    };
  }

  private async emit(command: JsonObject, type: string, result: JsonObject): Promise<void> {
    const begin = performance.now();
    const { status } = await this.api(
      "POST",
      "/api/events",
      {
        execution_id: String(command.execution_id),
        ...{ event_type: type, step: command.node_name, tool_kind: command.action, payload: { result } },
        ...{ worker_id: this.settings.id, meta: command.meta, error: textIn(result.error) },
      },
      textIn(command.server_url),
    );
    if (status !== 200) throw new Error(`the server answers ${status} to ${type}`);
    const seconds = (performance.now() - begin) / 1000;
    this.#metrics.observe("noetl_worker_event_emit_duration_seconds", seconds, { event_type: type });
  }

  /** Gauges are read when somebody asks. */
  private async measure(): Promise<void> {
    this.#metrics.set("noetl_worker_concurrent_dispatches", this.#busy);
    const { stream } = this.settings;
    const manager = await jetstreamManager(this.nats);
    for (const { name: consumer } of this.settings.consumers) {
      const { num_pending: pending, num_ack_pending: unacknowledged } = await manager.consumers.info(stream, consumer);
      this.#metrics.set("noetl_worker_nats_consumer_pending", pending, { stream, consumer });
      this.#metrics.set("noetl_worker_nats_consumer_ack_pending", unacknowledged, { stream, consumer });
    }
  }

  private api(method: string, path: string, body: unknown, server = this.settings.serverUrl): Promise<Answered> {
    const { place, settings } = this;
    return callApi(place, settings.tls, { method, url: server + path, body });
  }
}

function sample(found: JsonObject): JsonObject {
  return Array.isArray(found.rows) ? { ...found, rows: found.rows.slice(0, SAMPLE_ROWS) } : found;
}
