import { Queue } from "../../orchestrator/queue/queue";
import { Runner } from "../../orchestrator/queue/runner";
import { OwnWork } from "../../orchestrator/queue/work";
import { FilesystemStorage } from "../../orchestrator/storage/filesystem/storage";
import type { JsonObject } from "../../orchestrator/tasks/json";
import type { Submission } from "../../orchestrator/tasks/submission";
import type { Open } from "./driver";

/** Queue and filesystem storage of the orchestrator. */
export const openOurs: Open = async ({ folder }) => {
  const storage = await FilesystemStorage.open(folder);
  const concurrency = { total: 0, kinds: {} };
  const queue = await Queue.open({
    storage,
    owner: "bench",
    settings: { concurrency, longest: 2_000_000 },
  });
  let runner: Runner | undefined;
  const asked = (payload: object): Submission => ({
    kind: "cluster",
    operation: "create",
    input: payload as JsonObject,
  });
  return {
    submit: (payload) => queue.submit(asked(payload), "bench"),
    fill: (payloads) => queue.submitAll(payloads.map(asked), "bench"),
    run: (total, begun, ended) => {
      concurrency.total = total;
      queue.listen((event) => {
        if (event.type === "task" && event.note.to === "completed") ended(event.task.input);
      });
      runner = new Runner(
        new OwnWork(queue),
        () => {
          begun();
          return Promise.resolve(undefined);
        },
        (error) => {
          throw error;
        },
      );
      return Promise.resolve();
    },
    async close() {
      await runner?.stop();
      queue.close();
      await storage.close();
    },
  };
};
