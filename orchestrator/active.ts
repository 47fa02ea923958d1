import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import { Activity } from "./api/activity";
import type { ApiContext, ClusterView } from "./api/context";
import { Metrics } from "./api/metrics";
import { RateLimit } from "./api/rate";
import { apiServer } from "./api/server";
import { Streams } from "./api/streams";
import type { Base } from "./base";
import { workOf } from "./engine/engine";
import type { NodeMetrics } from "./nodes/metrics";
import { Environments } from "./environments/environments";
import type { Taking } from "./queue/claims";
import { systemClock } from "./queue/clock";
import { Queue } from "./queue/queue";
import { Retention } from "./queue/retention";
import { Runner } from "./queue/runner";
import { Schedules } from "./queue/schedules";
import type { QueueSettings } from "./queue/settings";
import { OwnWork } from "./queue/work";
import type { Dispatch, ServiceOptions } from "./service";
import { assertServable } from "./storage/copy/marks";
import { Movable } from "./storage/copy/movable";
import { Mover } from "./storage/copy/mover";
import { placeOf } from "./storage/copy/places";
import type { Storage } from "./storage/storage";

/** Those who share the storage. */
interface Cluster {
  view: () => ClusterView;
  metrics: NodeMetrics;
}

/** All that one process at a time does with a storage: its queue, what is due, and the API over both. */
export class Active {
  private runner: Runner | undefined;
  private retention: Retention | undefined;

  private constructor(
    readonly app: FastifyInstance,
    readonly context: ApiContext,
    private readonly told: { stopping: boolean },
    private readonly dispatch: Dispatch | undefined,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Closes the storage when it cannot. @throws UserError for one that is not to be served */
  static async open(
    opened: Storage,
    options: ServiceOptions,
    base: Base,
    settings: Partial<QueueSettings> | undefined = options.queue,
    cluster?: Cluster,
  ): Promise<Active> {
    const storage = new Movable(opened);
    try {
      await assertServable(storage);
      return await Active.over(storage, options, base, settings, cluster);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  private static async over(
    storage: Movable,
    options: ServiceOptions,
    { doors, catalog, stacks, engine, redactor, log, warn }: Base,
    settings: Partial<QueueSettings> | undefined,
    cluster: Cluster | undefined,
  ): Promise<Active> {
    const { rate, tls, arrivalMs, clock = systemClock } = options;
    const known = { dataDir: options.dataDir, server: options.surrealdb };
    const place = placeOf(options.storageKind ?? "filesystem", known);
    const mover = new Mover(storage, place, known, clock.now.bind(clock), warn);
    for (const notice of storage.notices) warn("repaired", notice);
    const owner = `${hostname()}/${process.pid}`;
    const queue = await Queue.open({ storage, owner, settings, clock: options.clock });
    const streams = new Streams(queue);
    const metrics = new Metrics(queue, () => streams.size, cluster?.metrics.registry);
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
    const context = { queue, schedules, storage, stacks, engine, isStopping, nats, cluster: cluster?.view, ...parts };
    const limit = rate === undefined ? undefined : new RateLimit(rate);
    const app = apiServer(context, {
      doors,
      rate: limit,
      log,
      tls,
      ...(arrivalMs !== undefined && { arrivalMs }),
    });
    try {
      dispatch = await options.dispatch?.(storage, log);
      if (dispatch) metrics.addNats(dispatch.state);
      return new Active(app, context, told, dispatch, onError);
    } catch (error) {
      environments.stop();
      await app.close();
      schedules.stop();
      queue.close();
      throw error;
    }
  }

  /** Begins to run tasks. @param taking Which. Default: all. */
  begin(taking?: Taking): void {
    const { queue, environments, engine } = this.context;
    const { dispatch } = this;
    this.runner = new Runner(
      new OwnWork(queue, taking),
      async (task, run) => {
        if (task.kind === "test_environment") return environments.execute(task, run);
        return dispatch ? dispatch.execute(task, run) : engine.run(workOf(task), run);
      },
      this.onError,
    );
    this.retention = new Retention(queue, this.onError);
  }

  /** Takes no new task, lets those that run end for so many milliseconds, and hands the rest back. */
  async drain(ms: number): Promise<void> {
    const { queue, schedules, environments } = this.context;
    this.told.stopping = true;
    schedules.stop();
    environments.stop();
    let late: NodeJS.Timeout | undefined;
    await Promise.race([queue.drain(), new Promise((resolve) => (late = setTimeout(resolve, ms)))]);
    clearTimeout(late);
    await this.runner?.stop();
  }

  /** Closes everything. */
  async close(): Promise<void> {
    const { queue, storage, streams, metrics, activity, mover } = this.context;
    await this.dispatch?.close();
    await this.retention?.stop();
    streams.close();
    await this.app.close();
    metrics.close();
    activity.close();
    queue.close();
    await mover.close();
    await storage.close();
  }
}
