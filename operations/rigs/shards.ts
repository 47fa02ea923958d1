import { fitsDsn, shardDatabases, shardDsn } from "../../components/database/shards";
import { sqlFile } from "../../components/database/sql";
import type { ShardOf } from "../../components/noetl/shard";
import { at, type JsonObject } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { RigContext } from "./context";
import { describe, shardIndexIn } from "./noetl";
import type { Platform } from "./platform";
import { runPsql } from "./psql";
import { InVain } from "./wait";

/** So many shards as a single database can be parted into with the least effort. */
export const SHARDS = 2;

/** The Secret of this rig's own that holds the DSNs. */
export const SECRET = "noetl-verify-shards";

/** What a rig that shards needs of the platform's database. */
export type ShardedPostgres = NonNullable<Platform["postgres"]>;

/** The databases: one a shard, and that of all that is not sharded. */
export function databasesOf(): { shards: string[]; cluster: string } {
  return { shards: shardDatabases("noetl", SHARDS), cluster: "noetl_cluster" };
}

/** Makes the databases that are not there yet. */
export async function makeDatabases(context: RigContext, postgres: ShardedPostgres): Promise<void> {
  const { shards, cluster } = databasesOf();
  for (const database of [...shards, cluster]) {
    const made = await context.change.createDatabase(postgres.admin, database, postgres.own.user);
    if (!made) context.note(`database ${database} is there already, and stays`);
  }
}

/** Brings all of them to the schema that the stack's own Job makes. */
export async function makeSchemas(context: RigContext, { admin, own, schema }: ShardedPostgres): Promise<void> {
  const { shards, cluster } = databasesOf();
  const script = sqlFile("schema.sql");
  for (const database of [...shards, cluster])
    await context.database(admin, database, (session) =>
      runPsql(script, (text) => session.query(text), { schema, owner: own.user }),
    );
}

/** Puts the DSNs into a Secret. */
export async function makeSecret(
  { change, reach }: RigContext,
  platform: Platform,
  postgres: ShardedPostgres,
): Promise<void> {
  const password = await reach.secret(postgres.own.password);
  if (!fitsDsn(password))
    throw new UserError(
      "the platform's database password has one of ; , = or a blank at an end: the server's DSNs cannot hold it",
    );
  const { shards, cluster } = databasesOf();
  const { host, port, own } = postgres;
  const dsn = (database: string): string => shardDsn({ host, port, user: own.user, password, database });
  await change.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: SECRET, namespace: platform.namespace },
    stringData: { NOETL_SHARDS: shards.map(dsn).join(","), NOETL_CLUSTER_DSN: dsn(cluster) },
  });
}

/** Tells the server of the shards. */
export async function shardServer({ change }: RigContext, { server }: Platform): Promise<void> {
  const fromSecret = (name: string): JsonObject => ({ name, valueFrom: { secretKeyRef: { name: SECRET, key: name } } });
  const env = [
    fromSecret("NOETL_SHARDS"),
    fromSecret("NOETL_CLUSTER_DSN"),
    // The first two decide where rows go; what the server says of itself is these.
    { name: "NOETL_SHARD_COUNT", value: String(SHARDS) },
    { name: "NOETL_SHARD_INDEX", value: "0" },
  ];
  const patch = { spec: { template: { spec: { containers: [{ name: server.container, env }] } } } };
  await change.patch(server.ref, `${SHARDS} shards`, patch, { seconds: 180 });
}

/** Asks the server how many shards it has. */
export async function expectSharded(context: RigContext): Promise<void> {
  const answer = await context.noetl.shardInfo(1n, SHARDS);
  const said = (key: string): string => {
    const value = at(answer.json, "server_config", key);
    return typeof value === "number" ? String(value) : describe(answer);
  };
  context.expect("server_config.shard_count of the server", SHARDS, said("shard_count"));
  context.expect("server_config.shard_index of the server", 0, said("shard_index"));
}

/** Looks where the events of an execution are: on the shard of the function, and nowhere else. */
export async function expectResidence(
  context: RigContext,
  { own, schema }: ShardedPostgres,
  execution: bigint,
  shardOf: ShardOf,
): Promise<void> {
  const id = execution.toString();
  const predicted = shardOf(execution, SHARDS);
  const answer = await context.noetl.shardInfo(execution, SHARDS);
  context.expect(`shard of execution ${id}, as the server says`, predicted, shardIndexIn(answer) ?? describe(answer));
  const { shards } = databasesOf();
  const count = (database: string): Promise<number> =>
    context.database(own, database, async ({ query }) => {
      const [row] = await query(`SELECT count(*)::int AS events FROM "${schema}".event WHERE execution_id = $1`, [id]);
      return Number(row?.events);
    });
  const counts = await context
    .waitFor({ what: `events of execution ${id} in any shard's database`, seconds: 30 }, async () => {
      const found = await Promise.all(shards.map(count));
      return found.some((events) => events > 0) ? found : undefined;
    })
    .catch((error: unknown) => {
      if (error instanceof InVain) return shards.map(() => 0);
      throw error;
    });
  const where = shards.filter((_, index) => (counts[index] ?? 0) > 0);
  context.expect(
    `databases with events of execution ${id}`,
    shards[predicted] ?? "",
    where.length === 0 ? "none" : where.join(", "),
  );
}
