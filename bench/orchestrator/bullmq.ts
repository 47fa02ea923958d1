import { createRequire } from "node:module";
import { join } from "node:path";
import type { Open } from "./driver";

interface Bullmq {
  Queue: new (
    name: string,
    options: object,
  ) => {
    add(name: string, data: object): Promise<unknown>;
    addBulk(jobs: { name: string; data: object }[]): Promise<unknown>;
    close(): Promise<unknown>;
  };
  Worker: new (
    name: string,
    run: () => Promise<void>,
    options: object,
  ) => {
    on(event: "completed", heard: (job: { data: object }) => void): void;
    close(): Promise<unknown>;
  };
}

/** BullMQ on Redis. */
export const openBullmq: Open = ({ packages, redisPort }) => {
  const { Queue, Worker } = createRequire(join(packages, "x.js"))("bullmq") as Bullmq;
  const connection = {
    host: "127.0.0.1",
    port: redisPort,
    maxRetriesPerRequest: null,
  };
  const queue = new Queue("bench", {
    connection,
    defaultJobOptions: { removeOnComplete: true },
  });
  let worker: InstanceType<Bullmq["Worker"]> | undefined;
  return Promise.resolve({
    submit: (payload) => queue.add("task", payload),
    fill: (payloads) => queue.addBulk(payloads.map((data) => ({ name: "task", data }))),
    run: (concurrency, begun, ended) => {
      const run = () => {
        begun();
        return Promise.resolve();
      };
      worker = new Worker("bench", run, { connection, concurrency });
      worker.on("completed", ({ data }) => {
        ended(data);
      });
      return Promise.resolve();
    },
    async close() {
      await worker?.close();
      await queue.close();
    },
  });
};
