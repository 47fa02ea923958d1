import { createRequire } from "node:module";
import { join } from "node:path";
import type { Open } from "./driver";

interface Boss {
  start(): Promise<unknown>;
  createQueue(name: string): Promise<unknown>;
  send(name: string, data: object): Promise<unknown>;
  insert(jobs: { name: string; data: object }[]): Promise<unknown>;
  fetch(name: string, options: { batchSize: number }): Promise<{ id: string; data: object }[]>;
  complete(name: string, ids: string[]): Promise<unknown>;
  stop(options: object): Promise<unknown>;
}

/** Tasks of one fetch, in which it is fastest. */
const BATCH = 50;

/** pg-boss on PostgreSQL, in its fastest way: fetched and ended in batches, without its polling. */
export const openPgBoss: Open = async ({ packages, postgres }) => {
  const PgBoss = createRequire(join(packages, "x.js"))("pg-boss") as new (options: object) => Boss;
  const boss = new PgBoss({
    connectionString: postgres,
    max: 32,
    supervise: false,
    schedule: false,
  });
  await boss.start();
  await boss.createQueue("bench");
  let closing = false;
  const loops: Promise<void>[] = [];
  return {
    submit: (payload) => boss.send("bench", payload),
    fill: (payloads) => boss.insert(payloads.map((data) => ({ name: "bench", data }))),
    run: (concurrency, begun, ended) => {
      const loop = async () => {
        while (!closing) {
          const jobs = await boss.fetch("bench", { batchSize: BATCH });
          if (jobs.length === 0) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            continue;
          }
          for (const _ of jobs) begun();
          await boss.complete(
            "bench",
            jobs.map(({ id }) => id),
          );
          for (const { data } of jobs) ended(data);
        }
      };
      for (let at = 0; at < concurrency; at++) loops.push(loop());
      return Promise.resolve();
    },
    async close() {
      closing = true;
      await Promise.all(loops);
      await boss.stop({ graceful: false });
    },
  };
};
