import { randomUUID } from "node:crypto";
import { fdatasync, mkdirSync, openSync, write, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { logTo } from "../../cli/log-lines";
import { Activity } from "../../orchestrator/api/activity";
import { Metrics } from "../../orchestrator/api/metrics";
import { apiServer } from "../../orchestrator/api/server";
import { Streams } from "../../orchestrator/api/streams";
import { StackFolder } from "../../orchestrator/engine/stack-folder";
import { Queue } from "../../orchestrator/queue/queue";
import { Schedules } from "../../orchestrator/queue/schedules";
import { FilesystemStorage } from "../../orchestrator/storage/filesystem/storage";

/*
 * A server that takes tasks: `http.cjs ours FOLDER` the orchestrator's API, of which no task runs; `http.cjs bare FOLDER`
 * Fastify alone, which appends each body to a file and answers once that is synced, many with one sync. Prints its port;
 * ends with its standard input, and prints how many microseconds of processor time it has taken.
 */
async function main(): Promise<void> {
  const [system, folder = ""] = process.argv.slice(2);
  const app = system === "ours" ? await ours(folder) : bare(folder);
  await app.listen({ host: "127.0.0.1", port: 0 });
  console.log((app.server.address() as { port: number }).port);
  const before = process.cpuUsage();
  process.stdin.resume().once("end", () => {
    const { user, system: inSystem } = process.cpuUsage(before);
    console.log(user + inSystem);
    process.exit(0);
  });
}

async function ours(folder: string): Promise<FastifyInstance> {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.production.yaml"), "config: {}\n");
  const storage = await FilesystemStorage.open(folder);
  const queue = await Queue.open({ storage, owner: "bench", settings: { concurrency: { total: 0, kinds: {} } } });
  const streams = new Streams(queue);
  const never = () => undefined;
  const context = {
    queue,
    schedules: new Schedules(queue, never),
    storage,
    stacks: new StackFolder(project),
    engine: { run: () => Promise.reject(new Error("no task runs here")) },
    metrics: new Metrics(queue, () => streams.size),
    activity: new Activity(queue),
    streams,
    isStopping: () => false,
  };
  return apiServer(context as never, { doors: {}, log: logTo(process.stderr) });
}

function bare(folder: string): FastifyInstance {
  const app = fastify({ logger: false });
  const append = appender(join(folder, "log"));
  app.post("/workflows/servers/create", async (request, reply) => {
    const id = randomUUID();
    await append(`${JSON.stringify({ id, body: request.body })}\n`);
    return reply.code(202).send({ success: true, data: id, error: null });
  });
  return app;
}

/** Appends lines; those that come while a sync is under way go out with the next one. */
function appender(path: string): (line: string) => Promise<void> {
  const file = openSync(path, "a");
  let waiting: { line: string; done: () => void }[] = [];
  let busy = false;
  const next = () => {
    const now = waiting;
    waiting = [];
    busy = now.length > 0;
    if (!busy) return;
    write(file, now.map(({ line }) => line).join(""), () => {
      fdatasync(file, () => {
        for (const { done } of now) done();
        next();
      });
    });
  };
  return (line) =>
    new Promise((done) => {
      waiting.push({ line, done });
      if (!busy) {
        busy = true;
        setImmediate(next);
      }
    });
}

void main().catch((error: unknown) => {
  writeSync(2, `${String(error)}\n`);
  process.exit(1);
});
