import { hostname } from "node:os";
import { resolve } from "node:path";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import type { FastifyInstance } from "fastify";
import { UserError } from "../stacks/errors";
import { Activity } from "./api/activity";
import type { ApiContext } from "./api/context";
import { Metrics } from "./api/metrics";
import { Oidc, type OidcSettings } from "./api/oidc";
import { RateLimit } from "./api/rate";
import { apiServer, type LogEntry } from "./api/server";
import { StatusServer } from "./api/status-server";
import { Streams } from "./api/streams";
import { Tokens } from "./api/tokens";
import type { NatsState } from "./dispatch/connection";
import { workOf, type Engine } from "./engine/engine";
import { OfflineEngine } from "./engine/offline";
import { PulumiEngine } from "./engine/pulumi";
import { RedactingEngine } from "./engine/redacting";
import { StackFolder } from "./engine/stack-folder";
import { readCatalog } from "./environments/catalog";
import { Environments, type EnvironmentSettings } from "./environments/environments";
import { systemClock, type Clock } from "./queue/clock";
import { Queue } from "./queue/queue";
import { Retention } from "./queue/retention";
import { Runner, type Execute } from "./queue/runner";
import { Schedules } from "./queue/schedules";
import type { QueueSettings } from "./queue/settings";
import { Redactor } from "./redact";
import type { FilesystemOptions } from "./storage/filesystem/storage";
import { assertServable } from "./storage/copy/marks";
import { Movable } from "./storage/copy/movable";
import { Mover } from "./storage/copy/mover";
import { openStorage, type StorageKind } from "./storage/open";
import type { Storage } from "./storage/storage";

export interface ServiceOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Port of probes and metrics, without tokens; 0: any free port. Default: none. */
  statusPort?: number | undefined;
  dataDir: string;
  /** Folder of the stack files. */
  project: string;
  /** Stacks that may be worked on. Default: all. */
  allowed?: readonly string[] | undefined;
  /** File of hashed tokens. Without it and a provider, only loopback is listened to. */
  tokens?: string | undefined;
  /** OpenID provider whose tokens are taken, too. */
  oidc?: OidcSettings | undefined;
  tls?: { cert: string; key: string } | undefined;
  /** Values that must stand in no log, answer or file, whatever they look like. */
  secrets?: readonly string[] | undefined;
  /** Milliseconds that a request may take to arrive. Default: 30 s. */
  arrivalMs?: number;
  /** Requests a second of each token. Default: no limit. */
  rate?: number | undefined;
  queue?: Partial<QueueSettings>;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: filesystem. */
  storageKind?: StorageKind;
  storage?: FilesystemOptions;
  /** `offline`: previews only. `pulumi`: the CLI and the login of this process. Default: offline. */
  engine?: "offline" | "pulumi" | Engine;
  /** Default: none can be made. */
  environments?: EnvironmentSettings;
  /** Has tasks done elsewhere; those of test environments are always done here. Default: all are done here. */
  dispatch?: (storage: Storage, log: (entry: LogEntry) => void) => Promise<Dispatch>;
  log: (entry: LogEntry) => void;
}

/** Who has tasks done elsewhere. */
export interface Dispatch {
  /** How the connection to NATS is. */
  readonly state: Readonly<NatsState>;
  execute: Execute;
  close(): Promise<void>;
}

/** A running orchestrator: storage, queue, engine and API in one process. */
export class Service {
  private stopping: Promise<void> | undefined;

  private constructor(
    /** As `http://127.0.0.1:8080`. */
    readonly url: string,
    private readonly app: FastifyInstance,
    private readonly runner: Runner,
    private readonly retention: Retention,
    private readonly context: ApiContext,
    private readonly told: { stopping: boolean },
    private readonly status: StatusServer | undefined,
    private readonly dispatch: Dispatch | undefined,
  ) {}

  /** @throws UserError for an address that cannot be had, a folder that another process has, and files that are wrong */
  static async start(options: ServiceOptions): Promise<Service> {
    const { host, port, tls, rate, arrivalMs } = options;
    const redactor = new Redactor(options.secrets);
    const log = (entry: LogEntry) => {
      options.log(redactor.entry(entry));
    };
    if (options.tokens === undefined && !options.oidc && !isLoopback(host)) {
      throw new UserError(
        `without tokens, only this machine may connect: leave out --host ${host}, or give --tokens a file or --oidc-issuer a provider (docs/orchestrator.md)`,
      );
    }
    if (tls) assertKeyPair(tls);
    const warn = (event: string, message: string) => {
      log({ level: "warn", event, message });
    };
    const tokens = options.tokens === undefined ? undefined : Tokens.read(options.tokens);
    const oidc = options.oidc && new Oidc(options.oidc);
    const down = await oidc?.start();
    if (down !== undefined) warn("oidc", down);
    const catalog = readCatalog(options.environments?.folder);
    const stacks = new StackFolder(options.project, options.allowed);
    const engine = new RedactingEngine(engineOf(options.engine ?? "offline", stacks, options.dataDir), redactor);
    const place = { kind: options.storageKind ?? "filesystem", dataDir: options.dataDir } as const;
    const storage = new Movable(await openStorage(place.kind, place.dataDir, options.storage));
    try {
      await assertServable(storage);
    } catch (error) {
      await storage.close();
      throw error;
    }
    const clock = options.clock ?? systemClock;
    const mover = new Mover(storage, place, clock.now.bind(clock), warn);
    for (const notice of storage.notices) warn("repaired", notice);
    const queue = await Queue.open({
      storage,
      owner: `${hostname()}/${process.pid}`,
      settings: options.queue,
      clock: options.clock,
    });
    const streams = new Streams(queue);
    const metrics = new Metrics(queue, () => streams.size);
    const activity = new Activity(queue);
    const told = { stopping: false };
    const onError = (error: unknown) => {
      log({ level: "error", event: "queue", message: error instanceof Error ? error.message : String(error) });
    };
    const schedules = new Schedules(queue, onError);
    const environments = await Environments.open(queue, catalog, { ...options.environments, redactor }, warn);
    const isStopping = () => told.stopping;
    let dispatch: Dispatch | undefined;
    const nats = () => dispatch?.state;
    const parts = { metrics, activity, streams, environments, mover, clock };
    const context = { queue, schedules, storage, stacks, engine, isStopping, nats, ...parts };
    const limit = rate === undefined ? undefined : new RateLimit(rate);
    const app = apiServer(context, {
      doors: { tokens, oidc },
      rate: limit,
      log,
      tls,
      ...(arrivalMs !== undefined && { arrivalMs }),
    });
    let status: StatusServer | undefined;
    try {
      dispatch = await options.dispatch?.(storage, log);
      if (dispatch) metrics.addNats(dispatch.state);
      await app.listen({ host, port });
      if (options.statusPort !== undefined) {
        status = await StatusServer.listen(context, { host, port: options.statusPort });
      }
    } catch (error) {
      await dispatch?.close();
      environments.stop();
      await app.close();
      schedules.stop();
      queue.close();
      await storage.close();
      if (error instanceof UserError) throw error;
      throw new UserError(`cannot listen on ${host}:${port}: ${(error as Error).message}`);
    }
    const runner = new Runner(
      queue,
      async (task, run) => {
        if (task.kind === "test_environment") return environments.execute(task, run);
        return dispatch ? dispatch.execute(task, run) : engine.run(workOf(task), run);
      },
      onError,
    );
    const retention = new Retention(queue, onError);
    const { port: actual } = app.server.address() as AddressInfo;
    const url = `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${actual}`;
    return new Service(url, app, runner, retention, context, told, status, dispatch);
  }

  /** Port of probes and metrics, where there is one. */
  get statusPort(): number | undefined {
    return this.status?.port;
  }

  /**
   * Takes no new task, lets those that run end for so many milliseconds, tells the rest to stop and hands them back, and
   * closes everything. They go on when the service starts again.
   */
  async stop(drainMs: number): Promise<void> {
    await (this.stopping ??= this.end(drainMs));
  }

  private async end(drainMs: number): Promise<void> {
    const { queue, schedules, storage, streams, metrics, activity, environments, mover } = this.context;
    this.told.stopping = true;
    schedules.stop();
    environments.stop();
    let late: NodeJS.Timeout | undefined;
    await Promise.race([queue.drain(), new Promise((resolve) => (late = setTimeout(resolve, drainMs)))]);
    clearTimeout(late);
    await this.runner.stop();
    await this.dispatch?.close();
    await this.retention.stop();
    streams.close();
    await this.app.close();
    this.status?.close();
    metrics.close();
    activity.close();
    queue.close();
    await mover.close();
    await storage.close();
  }
}

/** An engine of its own, for a process that works without a service: what it says has no secrets. */
export function engineFor(options: {
  engine: "offline" | "pulumi";
  project: string;
  allowed?: readonly string[] | undefined;
  dataDir: string;
  secrets: readonly string[];
}): Engine {
  const stacks = new StackFolder(options.project, options.allowed);
  return new RedactingEngine(engineOf(options.engine, stacks, options.dataDir), new Redactor(options.secrets));
}

function engineOf(engine: "offline" | "pulumi" | Engine, stacks: StackFolder, dataDir: string): Engine {
  if (typeof engine !== "string") return engine;
  return engine === "pulumi" ? new PulumiEngine(stacks, resolve(dataDir, "pulumi")) : new OfflineEngine(stacks);
}

/** @throws UserError, without what the files hold */
function assertKeyPair(tls: { cert: string; key: string }): void {
  try {
    createSecureContext(tls);
  } catch (error) {
    const { code = "unreadable" } = error as { code?: string };
    throw new UserError(`--tls-cert and --tls-key must be a certificate and its key, both PEM: ${code}`);
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
