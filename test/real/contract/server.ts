import type { ServerOptions } from "node:https";
import { MAX_SHARDS, parseExecutionId, type ShardOf } from "../../../components/noetl/shard";
import { Catalog } from "./catalog";
import { Databases } from "./databases";
import { Executions } from "./executions";
import { FLIGHT_PORT, FlightServer } from "./flight-server";
import { HttpError, Listening, type Request, type Routes } from "./http";
import { InternalApi } from "./internal-api";
import type { JsonObject } from "./json";
import { Messaging } from "./messaging";
import { Metrics } from "./metrics";
import type { Address, Place } from "./place";
import { ResultStore } from "./result-store";
import { serverSettings, type ServerRuntime, type ServerSettings } from "./server-settings";
import { faultyShardFunction } from "./shard";
import { Snowflake } from "./snowflake";
import { WorkerPools } from "./worker-pools";

/**
 * A NoETL server for tests: its API as far as anybody here asks it, its state in PostgreSQL, its commands on NATS. It
 * reads its environment once, when it starts, and does with it what the published server was seen to do.
 */
export class ContractServer {
  private constructor(
    private readonly listening: Listening,
    private readonly flight: FlightServer | undefined,
    private readonly settings: ServerSettings,
    private readonly databases: Databases,
    private readonly messaging: Messaging,
  ) {}

  /** @throws StartError where the published server ends */
  static async start(place: Place, runtime: ServerRuntime = "rust"): Promise<ContractServer> {
    const { faults, env } = place;
    const settings = serverSettings(place, runtime);
    const shardOf = await faultyShardFunction(faults, {
      seed: "hash seed off by one",
      bigEndian: "big-endian bytes",
    });
    const tls = tlsOf(settings, place);
    const databases = await Databases.connect(settings, place, shardOf);
    const messaging = await Messaging.start(place, settings.natsUrl);
    const [metrics, ids] = [new Metrics(), new Snowflake(settings.machineId)];
    const catalog = new Catalog(databases.cluster, place.faults);
    const results = new ResultStore(runtime, databases, ids, metrics, faults);
    const { publicUrl } = settings;
    const routes: Routes = {
      ...new Executions({ databases, catalog, messaging, metrics, ids, faults, publicUrl }).routes(),
      ...catalog.routes(),
      ...results.routes(),
      ...new InternalApi(databases, env.NOETL_INTERNAL_API_TOKEN, faults).routes(),
      ...new WorkerPools(databases.cluster, ids).routes(),
      ...health({ databases, messaging, runtime, place }),
      "GET /api/runtime/shard-info": ({ query }) => ({ json: shardInfo(query, shardOf, settings) }),
      ...(settings.metrics && { "GET /metrics": () => metricsAnswer(metrics, place) }),
    };
    const listening = await Listening.start(routes, tls);
    place.log(`INFO listening tls=${String(tls !== undefined)} mtls=${String(tls?.requestCert === true)}`);
    const hasFlight = runtime === "python" && env.NOETL_FLIGHT_DISABLED !== "true";
    const flight = hasFlight ? await FlightServer.start(place, results) : undefined;
    return new ContractServer(listening, flight, settings, databases, messaging);
  }

  /** Where it listens here, by the ports of its container. */
  get endpoints(): ReadonlyMap<number, Address> {
    return new Map([
      [this.settings.port, this.listening.address],
      ...(this.flight ? [[FLIGHT_PORT, this.flight.address] as const] : []),
    ]);
  }

  /** Ends it, as SIGTERM does when it is idle. */
  async stop(): Promise<void> {
    await this.listening.stop();
    this.flight?.stop();
    await this.messaging.close();
    await this.databases.close();
  }
}

/** What `/metrics` answers. */
export function metricsAnswer(metrics: Metrics, { faults }: Place) {
  return faults.has("metrics missing") ? { status: 404, text: "" } : { text: metrics.text() };
}

function tlsOf({ tls }: ServerSettings, { file, faults }: Place): ServerOptions | undefined {
  if (tls === undefined) return undefined;
  const mutual = tls.clientCa !== undefined && !faults.has("TLS asks for no client certificate");
  return {
    cert: file(tls.certificate),
    key: file(tls.key),
    ...(mutual && { ca: file(tls.clientCa ?? ""), requestCert: true, rejectUnauthorized: true }),
  };
}

/** The answer of shard-info and of the gateway's twin. @throws HttpError 400 */
export function shardAnswer(query: URLSearchParams, shardOf: ShardOf, source: string): JsonObject {
  const executionId = parseExecutionId(query.get("execution_id") ?? "");
  if (executionId === undefined) throw new HttpError(400, "execution_id must be a signed 64-bit integer");
  const text = query.get("shard_count") ?? "";
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MAX_SHARDS) throw new HttpError(400, `shard_count must be from 1 to ${MAX_SHARDS}`);
  return {
    execution_id: executionId,
    shard_count: count,
    shard_index: shardOf(executionId, count),
    source,
    hash_function: "twox_hash::XxHash64",
    seed: 0,
  };
}

function shardInfo(query: URLSearchParams, shardOf: ShardOf, { shard }: ServerSettings): JsonObject {
  return {
    ...shardAnswer(query, shardOf, "noetl-server"),
    // Of the variables alone: how many databases there are does not show here.
    server_config: { shard_index: shard.index, shard_count: shard.count },
  };
}

function health(server: { databases: Databases; messaging: Messaging; runtime: ServerRuntime; place: Place }): Routes {
  const { databases, messaging, runtime, place } = server;
  const begin = Date.now();
  return {
    "GET /health": () => ({ json: { status: "ok" } }),
    "GET /api/health": async () => {
      const up = await databases.cluster.query("SELECT 1").then(
        () => true,
        () => false,
      );
      const uptime = Math.floor((Date.now() - begin) / 1000);
      const [status, database] = up ? ["ok", "connected"] : ["unhealthy", "disconnected"];
      const json = { status, database, nats: messaging.status, uptime_seconds: uptime, version: "contract" };
      return { status: up ? 200 : 503, json };
    },
    "GET /api/pool/status": () => ({ json: poolStatus(databases, runtime, place) }),
    "GET /api/credentials": (_: Request) => ({ json: { items: [] } }),
  };
}

function poolStatus({ cluster }: Databases, runtime: ServerRuntime, { faults }: Place): JsonObject {
  const { totalCount: size, idleCount: available, waitingCount: waiting } = cluster;
  const different = runtime === "rust" && faults.has("parity difference");
  return {
    pool_min: 0,
    pool_max: cluster.options.max,
    pool_size: size,
    pool_available: available,
    requests_waiting: waiting,
    utilization: size === 0 ? 0 : (size - available) / size,
    [different ? "slots_free" : "slots_available"]: available,
    status: "ok",
  };
}
