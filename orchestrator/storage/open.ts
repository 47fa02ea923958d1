import { hostname } from "node:os";
import { UserError } from "../../stacks/errors";
import { Refusal } from "../tasks/errors";
import { nameOf, type Place } from "./copy/places";
import { FilesystemStorage, type FilesystemOptions } from "./filesystem/storage";
import type { Storage } from "./storage";
import { Away, Held } from "./surreal/database";
import { openEmbedded } from "./surreal/embedded";
import { ServerDatabase } from "./surreal/server";
import type { SurrealServer } from "./surreal/connection";
import { SurrealStorage } from "./surreal/storage";
import { leaderOf } from "./surreal/term";

/** How tasks can be kept: in a folder, or on a server. */
export const STORAGES = ["filesystem", "surrealdb-embedded", "surrealdb-server"] as const;
export type StorageKind = (typeof STORAGES)[number];

/** Milliseconds of a term on a server, where nothing else is said. */
export const TERM_MS = 10_000;
/** Milliseconds between two looks whether another's term is over. */
const LOOK_MS = 200;

/** @throws UserError for a place that another process has, or that is damaged, and an engine that is not installed */
export async function openStorage(place: Place, options?: FilesystemOptions & { termMs?: number }): Promise<Storage> {
  try {
    if (place.kind === "surrealdb-server") return await openServer(place.server, options?.termMs ?? TERM_MS);
    if (place.kind === "filesystem") return await FilesystemStorage.open(place.dataDir, options);
    const { database, notices } = await openEmbedded(place.dataDir);
    return await SurrealStorage.open(database, { notices });
  } catch (error) {
    const where = place.kind === "surrealdb-server" ? nameOf(place) : place.dataDir;
    if (error instanceof Away) throw new UserError(`${where}: ${error.message}; try again once it is back`);
    if (error instanceof Refusal) throw new UserError(`${where}: ${error.message}`);
    if (error instanceof Error && "code" in error) throw new UserError(`cannot use ${where}: ${error.message}`);
    throw error;
  }
}

/** Waits for the end of the term of one who may be gone. */
async function openServer(server: SurrealServer, ms: number): Promise<Storage> {
  const database = await ServerDatabase.connect(server);
  try {
    const owner = `${hostname()}/${process.pid}`;
    let left: number | undefined;
    for (;;) {
      try {
        return await SurrealStorage.open(database, { term: { owner, url: "", ms } });
      } catch (error) {
        if (!(error instanceof Held)) throw error;
      }
      const leader = await leaderOf(database);
      // One who is there has given a sign of life meanwhile.
      if (leader && leader.leftMs > (left ?? leader.leftMs)) {
        throw new UserError(
          `${leader.owner} works on ${nameOf({ kind: "surrealdb-server", server })}: stop it first` +
            (leader.url === "" ? "" : `, or ask it: --url ${leader.url}`),
        );
      }
      left = leader?.leftMs;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } catch (error) {
    await database.close();
    throw error;
  }
}
