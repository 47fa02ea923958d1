import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Database } from "../../../orchestrator/storage/surreal/database";
import { openEmbedded } from "../../../orchestrator/storage/surreal/embedded";
import { SurrealStorage } from "../../../orchestrator/storage/surreal/storage";
import { step, walks } from "../../../orchestrator/storage/surreal/tables";
import { newTask } from "../../orchestrator/made";
import { conformsToStorage } from "../../orchestrator/storage/conformance";

let folder = "";
let opened: Database;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "noetl-surreal-"));
  ({ database: opened } = await openEmbedded(folder));
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true });
});

/** An engine is opened once in a process: a storage that is closed leaves it for the next one. */
async function engine(): Promise<{ database: Database; remove: () => Promise<void> }> {
  return Promise.resolve({
    database: { away: undefined, query: async (...asked) => opened.query(...asked), close: () => Promise.resolve() },
    async remove() {
      for (const table of ["meta", "writer", "task", "document", "audit", "log"])
        await opened.query(`REMOVE TABLE IF EXISTS ${table}`);
    },
  });
}

conformsToStorage("SurrealStorage in this process", async () => {
  const { database, remove } = await engine();
  const open = async () => SurrealStorage.open(database);
  // What a killed process leaves is crash.test.ts's.
  return { open, crash: async (storage) => storage.close(), remove };
});

describe("SurrealDB in this process", () => {
  it("walks every list along an index, and stops where the page does", async () => {
    const { database, remove } = await engine();
    const storage = await SurrealStorage.open(database);
    await storage.commit({ tasks: Array.from({ length: 50 }, (_, at) => newTask(`t${at}`, { stack: "kind" })) });

    const plans = await Promise.all(
      (["oldest", "newest"] as const).flatMap((first) =>
        [{}, { states: ["pending" as const] }, { stack: "kind" }].map(async (filter) => {
          const [way] = walks(filter, first, undefined);
          if (!way) throw new Error("no way");
          const [plan] = await database.query(`EXPLAIN ${step("task", "task", way, 10)}`, { ...way });
          return [way.field, String(plan)] as const;
        }),
      ),
    );
    const [byKey] = await database.query("EXPLAIN SELECT body FROM task WHERE key = 'k'");

    for (const [field, plan] of plans) {
      expect(plan).toMatch(new RegExp(`IndexScan .*index: task_${field}, .*direction: Forward, limit: 10`));
      expect(plan).not.toMatch(/Sort|TableScan|Filter/);
    }
    expect(plans.map(([field]) => field)).toEqual([
      "oldest",
      "stateOldest",
      "stackOldest",
      "newest",
      "stateNewest",
      "stackNewest",
    ]);
    expect(byKey).toMatch(/IndexScan .*index: task_key/);
    await storage.close();
    await remove();
  });

  it("does not open tables of another release", async () => {
    const { database, remove } = await engine();
    const storage = await SurrealStorage.open(database);
    await storage.close();
    await database.query("UPDATE meta:main SET format = 99");

    await expect(SurrealStorage.open(database)).rejects.toThrow(
      "its tables are of a newer noetl-ops (format 99, this one writes 1); nothing was changed",
    );
    await remove();
  });
});
