import type { DatabaseConnection } from "./connection";

/** Where one shard's executions are, as the server's `NOETL_SHARDS` says it. */
export interface ShardConnection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** Characters that end a value, or a whole DSN, for the server. */
const SEPARATORS = /[;,=]/;

/** Whether a text may be a value in a DSN: the server knows no quoting. */
export function fitsDsn(value: string): boolean {
  return value !== "" && value.trim() === value && !SEPARATORS.test(value) && !/[\r\n\0]/.test(value);
}

/** `host=…;port=…;user=…;password=…;database=…` of values for which {@link fitsDsn} holds. */
export function shardDsn({ host, port, user, password, database }: ShardConnection): string {
  return `host=${host};port=${port};user=${user};password=${password};database=${database}`;
}

/** The databases of the shards on one instance: `noetl_shard_0`, `noetl_shard_1`, … */
export function shardDatabases(database: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${database}_shard_${index}`);
}

/** A DSN for a database of an instance, with the platform's own login. */
export function dsnOf(connection: DatabaseConnection, password: string, database = connection.database): string {
  const { host, port, user } = connection;
  return shardDsn({ host, port, user, password, database });
}

const KEYS = ["host", "port", "user", "password", "database"] as const;

/**
 * Reads a DSN as the server does, but strictly: all five keys, each once.
 *
 * @returns what is wrong when it does not parse, in words that repeat nothing of it: it holds a password.
 */
export function parseShardDsn(dsn: string): ShardConnection | string {
  if (dsn.includes(",")) return "has a comma, which separates one DSN from the next";
  const values = new Map<string, string>();
  for (const part of dsn.replace(/;$/, "").split(";")) {
    const at = part.indexOf("=");
    if (at < 0) return "has a part without =";
    const key = part.slice(0, at).trim();
    if (!KEYS.some((known) => known === key)) return "has a part that is none of host, port, user, password, database";
    if (values.has(key)) return `has ${key} twice`;
    if (!fitsDsn(part.slice(at + 1))) return `has a ${key} that is empty, begins or ends with a blank, or has = in it`;
    values.set(key, part.slice(at + 1));
  }
  const missing = KEYS.find((key) => !values.has(key));
  if (missing !== undefined) return `has no ${missing}`;
  const port = Number(values.get("port"));
  if (!Number.isInteger(port) || port < 1 || port > 65535) return "has a port that is no number from 1 to 65535";
  const text = (key: (typeof KEYS)[number]): string => values.get(key) ?? "";
  return {
    host: text("host"),
    port,
    user: text("user"),
    password: text("password"),
    database: text("database"),
  };
}
