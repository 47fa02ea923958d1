import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../stacks/errors";
import type { StorageKind } from "../open";
import type { SurrealServer } from "../surreal/connection";
import { ServerDatabase } from "../surreal/server";

/** Where a storage is. */
export type Place =
  { kind: "filesystem" | "surrealdb-embedded"; dataDir: string } | { kind: "surrealdb-server"; server: SurrealServer };

const FOLDERS = { filesystem: "queue.rkvs", "surrealdb-embedded": "orchestrator.db" } as const;

/** @throws UserError for a server that nobody named */
export function placeOf(
  kind: StorageKind,
  { dataDir, server }: { dataDir: string; server?: SurrealServer | undefined },
): Place {
  if (kind !== "surrealdb-server") return { kind, dataDir };
  if (!server) throw new UserError("surrealdb-server needs to know which: --surrealdb-url");
  return { kind, server };
}

/** For people. */
export function nameOf(place: Place): string {
  if (place.kind !== "surrealdb-server") return `${place.kind} in ${place.dataDir}`;
  const { url, namespace, database } = place.server;
  return `surrealdb-server at ${url}, ${namespace}/${database}`;
}

/** Whether anything was ever stored there. @throws UserError for a server that cannot be used */
export async function isThere(place: Place): Promise<boolean> {
  if (place.kind !== "surrealdb-server") return existsSync(join(place.dataDir, FOLDERS[place.kind]));
  return onServer(place.server, async (server) => {
    const [info] = await server.query("INFO FOR DB");
    return "meta" in (info as { tables: object }).tables;
  });
}

/** Takes all of it away. It must not be open. */
export async function erase(place: Place): Promise<void> {
  if (place.kind !== "surrealdb-server") {
    await rm(join(place.dataDir, FOLDERS[place.kind]), { recursive: true, force: true });
    return;
  }
  await onServer(place.server, async (server) => {
    // Ours only: the database may hold others.
    for (const table of ["meta", "writer", "leader", "task", "document", "audit", "log"])
      await server.query(`REMOVE TABLE IF EXISTS ${table}`);
  });
}

async function onServer<T>(server: SurrealServer, use: (database: ServerDatabase) => Promise<T>): Promise<T> {
  const database = await ServerDatabase.connect(server);
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}
