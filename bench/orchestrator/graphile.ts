import { createRequire } from "node:module";
import { join } from "node:path";
import type { Open } from "./driver";

interface Graphile {
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>;
    addJob(name: string, payload: object): Promise<unknown>;
    addJobs(jobs: { identifier: string; payload: object }[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
  run(options: object): Promise<{
    events: {
      on(event: "job:complete", heard: (event: { job: { payload: object } }) => void): void;
    };
    stop(): Promise<void>;
  }>;
  Logger: new (make: () => () => void) => object;
}

/** graphile-worker on PostgreSQL, in its fastest way: tasks fetched ahead, ends stored together. */
export const openGraphile: Open = async ({ packages, postgres }) => {
  const graphile = createRequire(join(packages, "x.js"))("graphile-worker") as Graphile;
  const logger = new graphile.Logger(() => () => undefined);
  const utils = await graphile.makeWorkerUtils({
    connectionString: postgres,
    maxPoolSize: 32,
    logger,
  });
  await utils.migrate();
  let runner: Awaited<ReturnType<Graphile["run"]>> | undefined;
  return {
    submit: (payload) => utils.addJob("task", payload),
    fill: (payloads) => utils.addJobs(payloads.map((payload) => ({ identifier: "task", payload }))),
    async run(concurrentJobs, begun, ended) {
      const batched = {
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      };
      runner = await graphile.run({
        logger,
        noHandleSignals: true,
        preset: {
          worker: {
            connectionString: postgres,
            concurrentJobs,
            maxPoolSize: concurrentJobs + 2,
            pollInterval: 2000,
            ...batched,
          },
        },
        taskList: { task: begun },
      });
      runner.events.on("job:complete", ({ job }) => {
        ended(job.payload);
      });
    },
    async close() {
      await runner?.stop();
      await utils.release();
    },
  };
};
