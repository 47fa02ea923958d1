import { appendFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../../../orchestrator/engine/engine";
import { OrchestratorNode } from "../../../../orchestrator/nodes/node";
import type { SurrealServer } from "../../../../orchestrator/storage/surreal/connection";

/** What a node is told by its test. */
export interface NodeSettings {
  surrealdb: SurrealServer;
  /** Folder in which each stack has a file of what was done to it. */
  records: string;
  project: string;
  advertiseUrl: string;
  port: number;
  concurrency: number;
  termMs: number;
  leaseMs: number;
}

/*
 * A node whose engine keeps a record: a line when it begins with a stack and one when it ends, by a file of each stack. A
 * task of a stack `endless…` runs until it is told to stop.
 */
async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? "") as NodeSettings;
  const { records, leaseMs, termMs, concurrency } = settings;
  const engine: Engine = {
    name: "recording",
    async run(work, context) {
      const { stack = "none" } = work as { stack?: string };
      const { token, signal } = context;
      const note = (what: string) => {
        appendFileSync(join(records, stack), `${what} ${token} ${process.hrtime.bigint()}\n`);
      };
      note("begin");
      await context.log([{ at: Date.now(), stream: "stdout", text: `by ${process.pid}` }]);
      try {
        await new Promise<void>((resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
          if (!stack.startsWith("endless")) setTimeout(resolve, 5 + (token % 7) * 5);
        });
        return { token };
      } finally {
        note("end");
      }
    },
  };
  const node = await OrchestratorNode.start({
    host: "127.0.0.1",
    port: settings.port,
    advertiseUrl: settings.advertiseUrl,
    statusPort: 0,
    dataDir: records,
    project: settings.project,
    storageKind: "surrealdb-server",
    surrealdb: settings.surrealdb,
    termMs,
    queue: {
      leaseMs,
      concurrency: { total: concurrency, kinds: {} },
      defaults: { priority: 5, retries: 1000, timeoutMs: 600_000 },
      backoff: { firstMs: 20, longestMs: 100 },
    },
    engine,
    log(entry) {
      if (entry.event !== "request") writeSync(2, `${JSON.stringify(entry)}\n`);
    },
  });
  writeSync(1, `listening on ${node.url} ${node.statusPort ?? 0};\n`);
  process.once("SIGTERM", () => {
    void node.stop(5000).then(() => process.exit(0));
  });
}

main().catch((error: unknown) => {
  writeSync(2, `${String(error)}\n`);
  process.exit(1);
});
