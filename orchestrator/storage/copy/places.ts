import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StorageKind } from "../open";

/** Where a storage is. */
export interface Place {
  kind: StorageKind;
  dataDir: string;
}

const FOLDERS: Record<StorageKind, string> = { filesystem: "queue.rkvs", "surrealdb-embedded": "orchestrator.db" };

/** For people. */
export function nameOf({ kind, dataDir }: Place): string {
  return `${kind} in ${dataDir}`;
}

/** Whether anything was ever stored there. */
export function isThere({ kind, dataDir }: Place): boolean {
  return existsSync(join(dataDir, FOLDERS[kind]));
}

/** Takes all of it away. It must not be open. */
export async function erase({ kind, dataDir }: Place): Promise<void> {
  await rm(join(dataDir, FOLDERS[kind]), { recursive: true, force: true });
}
