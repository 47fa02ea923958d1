import { appendFileSync } from "node:fs";
import { Worker } from "../../../../orchestrator/dispatch/worker";

/*
 * A worker that is killed: notes each begin and end in a file, at once. A task of stack `poison` ends the process; one of
 * `endless` runs until it is told to stop; one of `slow` a while.
 */
async function main(): Promise<void> {
  const [port = "", stream = "", file = "", concurrency = "1"] = process.argv.slice(2);
  const note = (line: string): void => {
    appendFileSync(file, `${line}\n`);
  };
  await Worker.start({
    nats: { servers: [`nats://127.0.0.1:${port}`], login: { user: "noetl", password: "right" } },
    stream,
    concurrency: Number(concurrency),
    engine: {
      name: "scripted",
      run: async ({ task, stack }, context) => {
        const { token, signal } = context;
        note(`begin ${task} ${token} ${stack}`);
        if (stack === "poison") process.exit(1);
        await context.log([{ at: Date.now(), stream: "stdout", text: `first of ${task}` }]);
        await context.progress({ done: 1, total: 2, message: "half" });
        if (stack === "endless") {
          await new Promise<never>((_, reject) => {
            signal.addEventListener("abort", () => {
              reject(signal.reason as Error);
            });
          });
        }
        if (stack === "slow") await new Promise((resolve) => setTimeout(resolve, 150));
        await context.log([{ at: Date.now(), stream: "stdout", text: `last of ${task}` }]);
        if (stack === "failing") throw Object.assign(new Error("it does not work"), { code: "broken" });
        note(`end ${task} ${token}`);
        return { did: task };
      },
    },
    log: (entry) => {
      note(JSON.stringify(entry));
    },
  });
  note("ready");
}

void main();
