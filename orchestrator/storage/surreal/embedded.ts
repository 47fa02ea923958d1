import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../../stacks/errors";
import { FolderLock } from "../filesystem/lock";
import { realFiles } from "../filesystem/files";
import { type Database, isError, run } from "./database";
import { loadClient, loadEngine } from "./packages";
import { DATABASE, NAMESPACE } from "./names";

/**
 * SurrealDB in this process, with RocksDB on the disk: each transaction is synced. The engine lets go of its files with
 * the process only: a folder is opened once.
 *
 * @throws UserError when another process has the folder, or the engine is not installed
 */
export async function openEmbedded(dataDir: string): Promise<{ database: Database; notices: string[] }> {
  const folder = resolve(dataDir, "orchestrator.db");
  const [{ Surreal }, { createNodeEngines }] = [loadClient(), loadEngine()];
  await mkdir(folder, { recursive: true });
  // The engine would wait for another process without a word.
  const { lock, notices } = await FolderLock.take(realFiles, folder);
  const client = new Surreal({ engines: createNodeEngines() });
  try {
    await client.connect(`rocksdb://${join(folder, "rocksdb")}?sync=every`);
    await client.query(`DEFINE NAMESPACE IF NOT EXISTS ${NAMESPACE}`);
    await client.use({ namespace: NAMESPACE });
    await client.query(`DEFINE DATABASE IF NOT EXISTS ${DATABASE}`);
    await client.use({ namespace: NAMESPACE, database: DATABASE });
  } catch (error) {
    await lock.release();
    throw new UserError(`${folder}: ${isError(error) ? error.message : String(error)}`);
  }
  const database: Database = {
    away: undefined,
    async query(text, values) {
      return run(client, text, values);
    },
    async close() {
      await client.close();
      await lock.release();
    },
  };
  return { database, notices };
}
