import { randomUUID } from "node:crypto";
import { fdatasync, mkdirSync, openSync, write, writeFileSync, writeSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fastify from "fastify";
import { logTo } from "../../cli/log-lines";
import { Service } from "../../orchestrator/service";

/*
 * A server that takes tasks: `http.cjs ours FOLDER` the orchestrator, in which no task runs; `http.cjs bare FOLDER`
 * Fastify alone, which appends each body to a file and answers once that is synced, many with one sync. Prints its port;
 * for each line of its standard input, how many microseconds of processor time it has taken so far; ends with that.
 */
async function main(): Promise<void> {
  const [system, folder = ""] = process.argv.slice(2);
  console.log(await (system === "ours" ? ours(folder) : bare(folder)));
  process.stdin
    .on("data", () => {
      const { user, system: inSystem } = process.cpuUsage();
      console.log(user + inSystem);
    })
    .once("end", () => process.exit(0));
}

/** The service as `noetl-ops orchestrator serve` starts it. */
async function ours(folder: string): Promise<number> {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "Pulumi.production.yaml"), "config: {}\n");
  const { url } = await Service.start({
    host: "127.0.0.1",
    port: 0,
    dataDir: folder,
    project,
    queue: { concurrency: { total: 0, kinds: {} } },
    log: logTo(process.stderr),
  });
  return Number(new URL(url).port);
}

async function bare(folder: string): Promise<number> {
  const app = fastify({ logger: false });
  const append = appender(join(folder, "log"));
  app.post("/workflows/servers/create", async (request, reply) => {
    const id = randomUUID();
    await append(`${JSON.stringify({ id, body: request.body })}\n`);
    return reply.code(202).send({ success: true, data: id, error: null });
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
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
