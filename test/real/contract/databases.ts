import { Pool, types, TypeOverrides } from "pg";
import type { ShardConnection } from "../../../components/database/shards";
import type { ShardOf } from "../../../components/noetl/shard";
import { parseJson } from "./json";
import { type Place, StartError } from "./place";
import type { ServerSettings } from "./server-settings";

const parsers = new TypeOverrides();
parsers.setTypeParser(types.builtins.INT8, BigInt);
for (const json of [types.builtins.JSON, types.builtins.JSONB]) parsers.setTypeParser(json, parseJson);

/** The databases of a server: one for all, or one a shard, and one for what all share. */
export class Databases {
  /** Executions whose events go to the wrong shard: a fault. */
  readonly #astray = new Set<bigint>();

  private constructor(
    readonly cluster: Pool,
    readonly shards: readonly Pool[],
    private readonly shardOf: ShardOf,
  ) {}

  /** Connects to all of them. @throws StartError when one does not answer for the acquire timeout */
  static async connect(settings: ServerSettings, place: Place, shardOf: ShardOf): Promise<Databases> {
    const { database, sharded, pool } = settings;
    const open = (connection: ShardConnection): Pool => openPool(connection, pool, place);
    const cluster = open(sharded?.cluster ?? database);
    const shards = sharded?.shards.map(open) ?? [cluster];
    const databases = new Databases(cluster, shards, shardOf);
    try {
      await Promise.all([cluster, ...shards].map((each) => each.query("SELECT 1")));
    } catch (error) {
      await databases.close();
      throw new StartError(`pool timed out while waiting for an open connection: ${(error as Error).message}`);
    }
    place.log(`INFO pools ready single_pool_mode=${String(sharded === undefined)}`);
    return databases;
  }

  /** The database of an execution's events. */
  of(executionId: bigint): Pool {
    const { shards } = this;
    const shard = shards.length === 1 ? 0 : this.shardOf(executionId, shards.length);
    return shards[(shard + (this.#astray.has(executionId) ? 1 : 0)) % shards.length] ?? this.cluster;
  }

  /** Sends the events of the first execution that is told to another shard. */
  leadAstray(executionId: bigint): void {
    if (this.#astray.size === 0) this.#astray.add(executionId);
  }

  async close(): Promise<void> {
    await Promise.all([...new Set([this.cluster, ...this.shards])].map((pool) => pool.end()));
  }
}

function openPool(
  { host, port, ...login }: ShardConnection,
  { max, acquireSeconds }: ServerSettings["pool"],
  place: Place,
): Pool {
  const pool = new Pool({
    ...login,
    ...place.route(host, port),
    max,
    connectionTimeoutMillis: acquireSeconds * 1000,
    types: parsers,
  });
  pool.on("error", (error) => {
    place.log(`WARN an idle connection broke: ${error.message}`);
  });
  return pool;
}
