import { UserError } from "../../stacks/errors";
import { Refusal } from "../tasks/errors";
import { FilesystemStorage, type FilesystemOptions } from "./filesystem/storage";
import type { Storage } from "./storage";
import { openEmbedded } from "./surreal/embedded";
import { SurrealStorage } from "./surreal/storage";

/** How tasks can be kept in a folder. */
export const STORAGES = ["filesystem", "surrealdb-embedded"] as const;
export type StorageKind = (typeof STORAGES)[number];

/** @throws UserError for a folder that another process has, or that is damaged, and an engine that is not installed */
export async function openStorage(kind: StorageKind, dataDir: string, options?: FilesystemOptions): Promise<Storage> {
  try {
    if (kind === "filesystem") return await FilesystemStorage.open(dataDir, options);
    const { database, notices } = await openEmbedded(dataDir);
    return await SurrealStorage.open(database, { exclusive: true, notices });
  } catch (error) {
    if (error instanceof Refusal) throw new UserError(`${dataDir}: ${error.message}`);
    if (error instanceof Error && "code" in error) throw new UserError(`cannot use ${dataDir}: ${error.message}`);
    throw error;
  }
}
