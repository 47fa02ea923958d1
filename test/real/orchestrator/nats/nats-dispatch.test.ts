/**
 * Errors of the file system must be of this realm.
 *
 * @jest-environment ./test/support/environment.cjs
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { buildSync } from "esbuild";
import { Dispatcher, type DispatchSettings } from "../../../../orchestrator/dispatch/dispatcher";
import { Queue } from "../../../../orchestrator/queue/queue";
import { Runner } from "../../../../orchestrator/queue/runner";
import { OwnWork } from "../../../../orchestrator/queue/work";
import { FilesystemStorage } from "../../../../orchestrator/storage/filesystem/storage";
import type { Task } from "../../../../orchestrator/tasks/task";
import { ROOT } from "../../../cli/support";
import { killed } from "../../support/children";
import { freePort } from "../../support/ports";
import { waitFor } from "../../support/wait";
import { ServiceProcess } from "../process";
import { NatsServer } from "./server";

const LOGIN = { user: "noetl", password: "right" };

/** Those that a test has left open. */
const open = new Set<Place>();

/** An orchestrator's queue that hands out by NATS, and workers of it. */
class Place {
  readonly record: string;
  private readonly workers: ChildProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly settings: DispatchSettings,
    readonly storage: FilesystemStorage,
    readonly queue: Queue,
    private readonly dispatcher: Dispatcher,
    private readonly runner: Runner,
    private readonly errors: unknown[],
  ) {
    this.record = join(folder, "record");
    writeFileSync(this.record, "");
  }

  static async open(settings: DispatchSettings): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), "noetl-dispatch-"));
    const storage = await FilesystemStorage.open(join(folder, "data"));
    const queue = await Queue.open({ storage, owner: "here/1", settings: { concurrency: { total: 100, kinds: {} } } });
    const dispatcher = await Dispatcher.start(settings, storage, () => undefined);
    const errors: unknown[] = [];
    const runner = new Runner(
      new OwnWork(queue),
      (task, context) => dispatcher.execute(task, context),
      (error) => errors.push(error),
    );
    const place = new Place(folder, settings, storage, queue, dispatcher, runner, errors);
    open.add(place);
    return place;
  }

  /** Submits previews, which no stack holds up. @returns their ids */
  async submit(stacks: readonly string[], more: { priority?: number; retries?: number } = {}): Promise<string[]> {
    const asked = stacks.map((stack) => {
      return { kind: "cluster", operation: "preview", stack, input: {}, ...more } as const;
    });
    return (await this.queue.submitAll(asked, "test")).map(({ task }) => task.id);
  }

  work(port: number, concurrency = 4): ChildProcess {
    const args = [join(place, "worker.cjs"), String(port), this.settings.stream, this.record, String(concurrency)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    this.workers.push(child);
    return child;
  }

  /** What workers have noted. */
  noted(): string[] {
    return readFileSync(this.record, "utf8").split("\n").filter(Boolean);
  }

  /** Tasks in the order in which they were begun, by their stacks. */
  begun(): string[] {
    return this.noted().flatMap((line) => (line.startsWith("begin") ? [line.split(" ")[3] ?? ""] : []));
  }

  async until(state: Task["state"], ids: readonly string[]): Promise<Task[]> {
    return waitFor(`${ids.length} tasks to be ${state}`, async () => {
      const tasks = (await this.storage.tasksById(ids)).flatMap((task) => task ?? []);
      return tasks.every((task) => task.state === state) ? tasks : undefined;
    });
  }

  async close(): Promise<void> {
    open.delete(this);
    for (const child of this.workers) await killed(child);
    await this.runner.stop();
    await this.dispatcher.close();
    this.queue.close();
    await this.storage.close();
    rmSync(this.folder, { recursive: true, force: true });
    expect(this.errors).toEqual([]);
  }
}

let place = "";
let server: NatsServer;
let nats: NatsConnection;
let manager: JetStreamManager;

function settingsOf(stream: string, more: Partial<DispatchSettings> = {}): DispatchSettings {
  const access = { servers: [`nats://127.0.0.1:${server.port}`], login: LOGIN };
  return { nats: access, stream, replicas: 1, ackWaitMs: 3000, maxDeliver: 50, ...more };
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "noetl-worker-"));
  buildSync({
    entryPoints: [join(__dirname, "worker-child.ts")],
    bundle: true,
    platform: "node",
    outfile: join(place, "worker.cjs"),
    external: ["surrealdb"],
  });
  server = await NatsServer.start();
  nats = await connect({
    servers: `127.0.0.1:${server.port}`,
    user: LOGIN.user,
    pass: LOGIN.password,
    maxReconnectAttempts: -1,
  });
  manager = await jetstreamManager(nats);
});

afterAll(async () => {
  await nats.close();
  await server.stop();
  rmSync(place, { recursive: true, force: true });
});

// Another one on the same stream would answer for its tasks.
afterEach(async () => {
  for (const one of open) await one.close();
});

/** How many messages a stream has. */
async function waitingIn(stream: string): Promise<number> {
  return (await manager.streams.info(stream)).state.messages;
}

describe("dispatch through NATS", () => {
  test("given tasks of all priorities, when a worker comes, then the most urgent is done first, and its log is the task's", async () => {
    const one = await Place.open(settingsOf("priorities"));
    const ids: string[] = [];
    for (const priority of [0, 4, 9, 2, 7]) ids.push(...(await one.submit([`p${priority}`], { priority })));
    await waitFor("all to be handed out", async () => ((await waitingIn("priorities")) === 5 ? true : undefined));

    one.work(server.port, 1);

    const tasks = await one.until("completed", ids);
    expect(one.begun()).toEqual(["p9", "p7", "p4", "p2", "p0"]);
    expect(tasks.map(({ result }) => result)).toEqual(ids.map((did) => ({ did })));
    const [id = ""] = ids;
    const { lines } = await one.storage.readLog(id);
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^\S+\/\d+ has begun$/),
      `first of ${id}`,
      `last of ${id}`,
    ]);
    await waitFor("an empty stream", async () => ((await waitingIn("priorities")) === 0 ? true : undefined));
    await one.close();
  });

  test("given a worker and NATS that are killed in between, then each task is completed once, in its first attempt", async () => {
    const one = await Place.open(settingsOf("killed"));
    const first = one.work(server.port);
    one.work(server.port);
    const ids = await one.submit(Array.from({ length: 40 }, () => "slow"));
    await waitFor("some to be begun", () => (one.begun().length >= 6 ? true : undefined));

    await killed(first);
    await server.kill();
    await server.again();
    one.work(server.port);

    const tasks = await one.until("completed", ids);
    expect(tasks.map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
    // The audit log has what is durable, a moment after the state is told.
    const completed = await waitFor("the audit log", async () => {
      const entries = await one.storage.audit({ after: 0, limit: 1000 });
      const found = entries.flatMap(({ action, task }) => (action === "task.completed" ? (task ?? "") : []));
      return found.length >= ids.length ? found : undefined;
    });
    expect(completed.sort()).toEqual([...ids].sort());
    await waitFor("an empty stream", async () => ((await waitingIn("killed")) === 0 ? true : undefined));
    await one.close();
  });

  test("given a message that comes again after its task has ended, then no worker does it, and it is dropped", async () => {
    const one = await Place.open(settingsOf("again"));
    const [id = ""] = await one.submit(["once"]);
    one.work(server.port);
    await one.until("completed", [id]);
    const token = Number(
      one
        .noted()
        .find((line) => line.startsWith("begin"))
        ?.split(" ")[2],
    );

    for (const old of [token, token - 1, token + 1]) {
      nats.publish("again.work.5", JSON.stringify({ id, token: old }));
    }
    nats.publish("again.work.5", JSON.stringify({ id: "nobody", token }));

    await nats.flush();
    await waitFor("an empty stream", async () => ((await waitingIn("again")) === 0 ? true : undefined));
    expect(one.begun()).toEqual(["once"]);
    await one.close();
  });

  test("given a task that kills each worker, when it was handed out too often, then it rests as a dead letter", async () => {
    const one = await Place.open(settingsOf("poisoned", { ackWaitMs: 1000, maxDeliver: 2 }));
    const keepWorking = (): void => {
      one.work(server.port).once("exit", (code) => {
        if (code === 1) keepWorking();
      });
    };
    keepWorking();
    const [id = ""] = await one.submit(["poison"]);

    const [task] = await one.until("failed", [id]);

    expect(task?.error).toEqual({
      code: "dead-letter",
      message: "it was handed out 2 times, and no worker has ended it",
      permanent: true,
    });
    expect(one.begun()).toEqual(["poison", "poison"]);
    await waitFor("an empty stream", async () => ((await waitingIn("poisoned")) === 0 ? true : undefined));
    const [other = ""] = await one.submit(["fine"]);
    await one.until("completed", [other]);
    await one.close();
  });

  test("given a task that fails or is cancelled, then its worker's word is the task's", async () => {
    const one = await Place.open(settingsOf("ends"));
    one.work(server.port);
    const [failing = "", endless = ""] = await one.submit(["failing", "endless"], { retries: 0 });
    const [failed] = await one.until("failed", [failing]);
    expect(failed?.error).toEqual({ code: "broken", message: "it does not work", permanent: false });
    await waitFor("it to run", () => (one.begun().includes("endless") ? true : undefined));

    await one.queue.cancel(endless, "ann", "not needed");

    const [cancelled] = await one.until("cancelled", [endless]);
    expect(cancelled?.history.at(-1)).toMatchObject({ by: "ann", why: "not needed" });
    await one.close();
  });

  test("given no NATS, a wrong password, or another stream of the name, when started, then it says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-dispatch-"));
    const storage = await FilesystemStorage.open(folder);
    const start = (settings: DispatchSettings) => Dispatcher.start(settings, storage, () => undefined);
    const nobody = await freePort();
    await expect(start(settingsOf("bad", { nats: { servers: [`nats://127.0.0.1:${nobody}`] } }))).rejects.toThrow(
      new RegExp(`^cannot use NATS at nats://127\\.0\\.0\\.1:${nobody}: .+; see --nats-url$`),
    );
    const servers = [`nats://127.0.0.1:${server.port}`];
    const wrong = { servers, login: { user: "noetl", password: "wr0ng-c4n4ry" } };
    await expect(start(settingsOf("bad", { nats: wrong }))).rejects.toThrow(
      `cannot use NATS at nats://127.0.0.1:${server.port}: it refuses the login; see --nats-url`,
    );
    await manager.streams.add({ name: "taken", subjects: ["other.>"] });
    await expect(start(settingsOf("taken"))).rejects.toThrow(
      "NATS has another stream taken: its retention is limits, not workqueue, and its subjects are other.>, not taken.work.*; choose another name with --nats-stream",
    );
    await storage.close();
    rmSync(folder, { recursive: true });
  });

  test("given the commands, when a preview is submitted, then a worker does it, and both end when they are told to", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-dispatch-"));
    const password = join(folder, "password");
    writeFileSync(password, "right\n");
    const way = [
      "--nats-url",
      `nats://127.0.0.1:${server.port}`,
      "--nats-user",
      "noetl",
      "--nats-password-file",
      password,
    ];
    const service = await ServiceProcess.start(["--dispatch", "nats", "--data-dir", join(folder, "data"), ...way]);
    const worker = spawn(
      process.execPath,
      [join(ROOT, "cli", "bin.cjs"), "orchestrator", "work", "--data-dir", join(folder, "worker"), ...way],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: process.env.PATH },
      },
    );
    let said = "";
    for (const stream of [worker.stdout, worker.stderr]) stream.on("data", (text) => (said += String(text)));

    const id = await service.submit({ infra: "kind", operation: "preview" });
    const task = await service.ended(id);

    expect(task.status).toBe("Completed");
    await waitFor("its word", () => (said.includes("working on NOETL_ORCHESTRATOR\n") ? true : undefined));
    expect(await service.log(id)).toContain("resources would change");
    const ended = once(worker, "exit");
    worker.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(await service.end("SIGTERM")).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  });
});
