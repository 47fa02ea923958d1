import type { StorageKind } from "../../../orchestrator/storage/open";
import { placeOf, type Place } from "../../../orchestrator/storage/copy/places";
import type { SurrealServer } from "../../../orchestrator/storage/surreal/connection";

/** Variable by which a test tells its processes of its SurrealDB. */
export const SERVER_VARIABLE = "TEST_SURREALDB_SERVER";

/** A place of a kind: in a folder, or on the server that the variable tells of. */
export function placeNamed(kind: string, dataDir: string): Place {
  const text = process.env[SERVER_VARIABLE];
  const server = text === undefined || text === "" ? undefined : (JSON.parse(text) as SurrealServer);
  return placeOf(kind as StorageKind, { dataDir, server });
}
