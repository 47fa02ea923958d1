import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The files under sql/, by name. */
export type SqlFile = "schema.sql" | "bootstrap.sh" | "wait-for-schema.sh";

/** The text of a file under sql/. */
export function sqlFile(name: SqlFile): string {
  return readFileSync(join(__dirname, "sql", name), "utf8");
}

/**
 * The version that schema.sql brings a database to: `<server version>-<revision>`.
 *
 * @throws Error when the file's `\set version` line is gone.
 */
export function schemaVersion(schemaSql: string): string {
  const version = /^\\set version '([^']+)'$/m.exec(schemaSql)?.[1];
  if (version === undefined) throw new Error("sql/schema.sql has no line \\set version '…'");
  return version;
}
