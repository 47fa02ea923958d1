import { poolSizes, type PoolBudget, type PoolSizes } from "../../components/database/pgbouncer-pools";
import { shardDatabases } from "../../components/database/shards";
import type { PlatformConfig } from ".";
import { maxConnectionsOf } from "./postgres";

type Sections = Pick<PlatformConfig, "postgres" | "pgbouncer" | "server" | "secrets">;

/** The schema Job needs a session, so it goes past the pooler: one connection at a time. */
export const SCHEMA_JOB_CONNECTIONS = 1;

/** Databases of the shards on the platform's own instance. */
export function ownShardDatabases({ server: { shards }, postgres, secrets }: Omit<Sections, "pgbouncer">): string[] {
  if (shards.databases === "one" || secrets.shardDsns) return [];
  return shardDatabases(postgres.database, shards.count);
}

/** Databases beside the server's own that clients may reach through the pooler. */
export function otherDatabases(config: Omit<Sections, "pgbouncer">): string[] {
  return [...ownShardDatabases(config), ...config.postgres.extraDatabases];
}

/** What the pooler's sizes are derived from; undefined without a pooler. */
export function poolBudgetOf(config: Sections): PoolBudget | undefined {
  const { pgbouncer, postgres } = config;
  if (!pgbouncer) return undefined;
  return {
    maxConnections: maxConnectionsOf(postgres),
    reserved: postgres.reservedConnections,
    direct: SCHEMA_JOB_CONNECTIONS,
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
