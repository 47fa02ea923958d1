import { fitsDsn, parseShardDsn, shardDatabases, type ShardConnection } from "../../../components/database/shards";
import { PLACEHOLDER } from "../fields";
import { rule, when, type RuleProblem } from "./rule";

/** Databases of shards that one list may name: every server opens a connection pool to each. */
const MOST_DATABASES = 64;

export const databasesNeedShards = rule(
  `\`server.shards.databases: perShard\` needs a \`server.shards.count\` of 2 to ${MOST_DATABASES}`,
  ["server"],
  ({ server: { shards } }) =>
    when(shards.databases === "perShard" && (shards.count < 2 || shards.count > MOST_DATABASES), {
      path: ["server", "shards", "count"],
      message:
        shards.count < 2
          ? "one shard needs no database of its own, as server.shards.databases says"
          : `every server would open ${shards.count} connection pools, one a shard because of server.shards.databases`,
      allowed: `a whole number from 2 to ${MOST_DATABASES}`,
      see: ["server", "shards", "databases"],
    }),
);

/** PostgreSQL cuts longer names, and then two are the same. */
export const shardDatabaseNames = rule(
  "with `server.shards.databases: perShard`, the names made of `postgres.database` are free and have at most 63 characters",
  ["server", "postgres", "secrets"],
  ({ server: { shards }, postgres, secrets }) => {
    if (shards.databases === "one" || secrets.shardDsns) return [];
    const names = shardDatabases(postgres.database, shards.count);
    const longest = names.at(-1) ?? "";
    return [
      ...when(longest.length > 63, {
        path: ["postgres", "database"],
        message: `the database of the last shard would have a name of ${longest.length} characters, because of server.shards.databases`,
        allowed: `at most ${63 - longest.length + postgres.database.length} characters`,
        see: ["server", "shards", "databases"],
      }),
      ...postgres.extraDatabases.flatMap((name, index) =>
        when(names.includes(name), {
          path: ["postgres", "extraDatabases", index],
          message: `"${name}" is the database of a shard already, because of server.shards.databases`,
          allowed: "databases besides those of the shards",
          see: ["server", "shards", "databases"],
        }),
      ),
    ];
  },
);

export const shardDsnCount = rule(
  "`secrets.shardDsns` needs `server.shards.databases: perShard`, and has one DSN a shard",
  ["server", "secrets"],
  ({ server: { shards }, secrets: { shardDsns } }): RuleProblem[] => {
    if (!shardDsns) return [];
    if (shards.databases === "one") {
      return [
        {
          path: ["secrets", "shardDsns"],
          message: "are of no use while all shards share one database",
          allowed: "no shardDsns, unless server.shards.databases is perShard",
          next: "set server.shards.databases to perShard, or run: pulumi config rm --path 'noetl:secrets.shardDsns'",
        },
      ];
    }
    return when(shardDsns.length !== shards.count, {
      path: ["secrets", "shardDsns"],
      message: `${shardDsns.length} ${shardDsns.length === 1 ? "DSN" : "DSNs"} for the ${shards.count} shards of server.shards.count`,
      allowed: `${shards.count} DSNs, that of shard 0 first`,
      see: ["server", "shards", "count"],
    });
  },
);

const DSN = "host=…;port=…;user=…;password=…;database=…, all five, without ',' ';' or '=' in a value";

function setDsn(index: number): string {
  return `run: pulumi config set --secret --path 'noetl:secrets.shardDsns[${index}]'`;
}

/** A server that cannot read one of them says nothing and puts all executions into one database. */
export const shardDsnShapes = rule(
  "each of `secrets.shardDsns` parses, and names a database of its own",
  ["secrets"],
  ({ secrets: { shardDsns = [] } }) => {
    const parsed = shardDsns.map((dsn) => (dsn === PLACEHOLDER ? undefined : parseShardDsn(dsn)));
    const places = parsed.map((dsn) => (typeof dsn === "object" ? placeOf(dsn) : undefined));
    return parsed.flatMap((dsn, index): RuleProblem[] => {
      const path = ["secrets", "shardDsns", index] as const;
      if (typeof dsn === "string") return [{ path, message: dsn, allowed: DSN, next: setDsn(index) }];
      const first = places.indexOf(places[index]);
      return when(places[index] !== undefined && first < index, {
        path,
        message: `names the database of secrets.shardDsns[${first}] again`,
        allowed: "a database of its own for each shard",
        next: setDsn(index),
        see: ["secrets", "shardDsns", first],
      });
    });
  },
);

function placeOf({ host, port, database }: ShardConnection): string {
  return [host.toLowerCase(), port, database].join("\n");
}

/** The platform's own password stands in the DSNs, too, and the server knows no quoting there. */
export const passwordInDsn = rule(
  "with `server.shards.databases: perShard`, `secrets.noetlPassword` can stand in a DSN",
  ["server", "secrets"],
  ({ server: { shards }, secrets: { noetlPassword } }) =>
    when(
      shards.databases === "perShard" &&
        noetlPassword !== undefined &&
        noetlPassword !== PLACEHOLDER &&
        !fitsDsn(noetlPassword),
      {
        path: ["secrets", "noetlPassword"],
        message: "cannot stand in a DSN, which server.shards.databases makes of it",
        allowed: "text without line breaks, ',' ';' and '=', that neither begins nor ends with a blank",
        next: "run: pulumi config set --secret --path 'noetl:secrets.noetlPassword'",
        see: ["server", "shards", "databases"],
      },
    ),
);
