import {
  poolSizes,
  type DirectClient,
  type PoolBudget,
  type PoolSizes,
} from "../../components/database/pgbouncer-pools";
import { shardDatabases } from "../../components/database/shards";
import type { PlatformConfig } from ".";
import { maxConnectionsOf } from "./postgres";

type Sections = Pick<PlatformConfig, "postgres" | "pgbouncer" | "server" | "secrets" | "pythonServer">;

type Shards = Omit<Sections, "pgbouncer" | "pythonServer">;

/** The schema Job needs a session, so it goes past the pooler: one connection at a time. */
const SCHEMA_JOB_CONNECTIONS = 1;

/** Databases of the shards on the platform's own instance. */
export function ownShardDatabases({ server: { shards }, postgres, secrets }: Shards): string[] {
  if (shards.databases === "one" || secrets.shardDsns) return [];
  return shardDatabases(postgres.database, shards.count);
}

/** Databases beside the server's own that clients may reach through the pooler. */
export function otherDatabases(config: Shards): string[] {
  return [...ownShardDatabases(config), ...config.postgres.extraDatabases];
}

/** Who connects past the pooler. The Python server does, unless only PgBouncer's Auth Proxy reaches the instance. */
function directClients({ postgres, pythonServer }: Sections): DirectClient[] {
  const clients = [{ who: "the schema Job", connections: SCHEMA_JOB_CONNECTIONS }];
  if (!pythonServer || postgres.mode === "cloudSql") return clients;
  const { max, background } = pythonServer.pool;
  return [...clients, { who: "the Python server, twice while it is replaced", connections: 2 * (max + background) }];
}

/** What the pooler's sizes are derived from; undefined without a pooler. */
export function poolBudgetOf(config: Sections): PoolBudget | undefined {
  const { pgbouncer, postgres } = config;
  if (!pgbouncer) return undefined;
  return {
    maxConnections: maxConnectionsOf(postgres),
    reserved: postgres.reservedConnections,
    direct: directClients(config),
    replicas: pgbouncer.replicas,
    databases: [postgres.database, ...otherDatabases(config)],
    poolSize: pgbouncer.poolSize,
    reservePool: pgbouncer.reservePool,
  };
}

/** The pooler's sizes; undefined without a pooler. */
export function poolSizesOf(config: Sections): PoolSizes | undefined {
  const budget = poolBudgetOf(config);
  return budget && poolSizes(budget);
}
