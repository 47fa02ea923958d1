import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { UserError } from "../../stacks/errors";
import { Active } from "../active";
import type { ClusterView } from "../api/context";
import { StatusServer } from "../api/status-server";
import { baseOf, urlOf, type Base } from "../base";
import { workOf } from "../engine/engine";
import { systemClock } from "../queue/clock";
import { Runner } from "../queue/runner";
import { DEFAULT_SETTINGS } from "../queue/settings";
import type { Running, ServiceOptions } from "../service";
import { TERM_MS } from "../storage/open";
import type { SurrealServer } from "../storage/surreal/connection";
import { Held } from "../storage/surreal/database";
import { ServerDatabase } from "../storage/surreal/server";
import { prepare, SurrealStorage } from "../storage/surreal/storage";
import type { Leader } from "../storage/surreal/term";
import type { Desk } from "./desk";
import { Door } from "./door";
import { Members, type Member } from "./members";
import { NodeMetrics } from "./metrics";
import { isLeaders, OwnDesk } from "./own-desk";
import { RemoteDesk } from "./remote-desk";
import { SharedWork } from "./shared-work";
import { nodeStatus } from "./status";

/** More tasks than all nodes together run: each asks for as many as it has places. */
const PLACES = 1_000_000;

export interface NodeOptions extends ServiceOptions {
  surrealdb: SurrealServer;
  /** Where other nodes reach this one. Default: its own address. */
  advertiseUrl?: string | undefined;
  /** Milliseconds of a term without a sign of life, until another node leads. */
  termMs?: number | undefined;
}

interface Leading {
  active: Active;
  desk: OwnDesk;
  serve: Active["app"]["routing"];
}

/**
 * One of several orchestrators on a SurrealDB server. One leads: it has the queue, and answers. All do its tasks, and pass
 * on what they are asked.
 */
export class OrchestratorNode implements Running {
  private leading: Leading | undefined;
  private leader: Leader | undefined;
  private members: readonly Member[] = [];
  private remote: RemoteDesk | undefined;
  private stopping: Promise<void> | undefined;
  private closed = false;
  private readonly metrics = new NodeMetrics(() => this.view());
  private turn: Promise<unknown> = Promise.resolve();
  private watching: NodeJS.Timeout | undefined;
  private door: Door | undefined;
  private status: StatusServer | undefined;
  private work: SharedWork | undefined;
  private runner: Runner | undefined;
  private registry: Members | undefined;
  private warned = "";
  private readonly node = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;

  private constructor(
    private readonly options: NodeOptions,
    private readonly base: Base,
    private readonly database: ServerDatabase,
  ) {}

  /** @throws UserError for an address that cannot be had, a server that cannot be used, and files that are wrong */
  static async start(options: NodeOptions): Promise<OrchestratorNode> {
    const base = await baseOf(options);
    const node = new OrchestratorNode(options, base, await ServerDatabase.connect(options.surrealdb));
    try {
      await node.begin();
      return node;
    } catch (error) {
      await node.stop(0);
      throw error;
    }
  }

  get url(): string {
    return urlOf(this.options, this.door?.port ?? 0);
  }

  get statusPort(): number | undefined {
    return this.status?.port;
  }

  /** Whether this one leads. */
  get isLeading(): boolean {
    return this.leading !== undefined;
  }

  async stop(drainMs: number): Promise<void> {
    await (this.stopping ??= this.end(drainMs));
  }

  private async begin(): Promise<void> {
    const { options, database, base, node } = this;
    const { host, statusPort } = options;
    if (options.advertiseUrl === undefined && /^(0\.0\.0\.0|::)$/.test(host)) {
      throw new UserError(
        `where ${host} is listened to, give --advertise-url: other nodes must know how to reach this one`,
      );
    }
    await prepare(database);
    this.door = await Door.open(options, node, () => this.answers());
    const url = options.advertiseUrl ?? this.url;
    const settings = { ...DEFAULT_SETTINGS, ...options.queue };
    const concurrency = options.dispatch ? 0 : settings.concurrency.total;
    const registry = await Members.join(database, { node, url, concurrency });
    this.registry = registry;
    if (statusPort !== undefined) {
      const source = nodeStatus({
        metrics: this.metrics,
        view: () => this.view(),
        context: () => this.leading?.active.context,
      });
      this.status = await StatusServer.listen(source, { host, port: statusPort });
    }
    const clock = options.clock ?? systemClock;
    this.work = new SharedWork({ node, concurrency, clock, settings, desk: () => this.desk() });
    this.runner = new Runner(
      this.work,
      async (task, run) => base.engine.run(workOf(task), run),
      (error) => {
        base.log({ level: "error", event: "work", message: error instanceof Error ? error.message : String(error) });
      },
    );
    await this.look(registry, url);
    this.watch(registry, url);
  }

  private watch(registry: Members, url: string): void {
    this.watching = setTimeout(() => {
      void this.look(registry, url).finally(() => {
        if (!this.closed) this.watch(registry, url);
      });
    }, this.termMs / 10);
  }

  private get termMs(): number {
    return this.options.termMs ?? TERM_MS;
  }

  /** Looks who leads; nobody: this one, if it can. */
  private async look(registry: Members, url: string): Promise<void> {
    try {
      const { members, leader } = await registry.look();
      this.members = members;
      if (leader?.url !== this.leader?.url) this.remote = leader && new RemoteDesk(leader.url, registry.secret);
      this.leader = leader;
      if (!leader && !this.stopping) await this.inTurn(async () => this.lead(url));
    } catch (error) {
      // Without the database nobody knows who leads: the last one may still.
      this.warn(error);
    }
  }

  private async lead(url: string): Promise<void> {
    if (this.leading || this.stopping) return;
    const { options, base } = this;
    const database = await ServerDatabase.connect(options.surrealdb);
    let storage: SurrealStorage;
    try {
      storage = await SurrealStorage.open(database, { term: { owner: this.node, url, ms: this.termMs } });
    } catch (error) {
      await database.close();
      if (error instanceof Held) return;
      throw error;
    }
    const { term } = storage;
    const places = options.queue?.concurrency?.total ?? DEFAULT_SETTINGS.concurrency.total;
    // All but what the leader has to do itself is limited by the places of the nodes.
    const concurrency = options.dispatch
      ? options.queue?.concurrency
      : { total: PLACES, kinds: { ...options.queue?.concurrency?.kinds, test_environment: places } };
    const active = await Active.open(
      storage,
      options,
      base,
      { ...options.queue, ...(concurrency && { concurrency }) },
      {
        view: () => this.view(),
        metrics: this.metrics,
      },
    );
    await active.app.ready();
    const desk = new OwnDesk(active.context.queue, () => term?.isOver ?? true);
    const leading: Leading = { active, desk, serve: active.app.routing.bind(active.app) };
    this.leading = leading;
    this.leader = { session: storage.session, owner: this.node, url, leftMs: this.termMs };
    this.metrics.elected();
    base.log({ level: "info", event: "leading", term: storage.session, url });
    term?.onLost((why) => {
      base.warn("deposed", why);
      void this.inTurn(async () => this.stepDown(leading));
    });
    if (options.dispatch) active.begin();
    else active.begin({ of: isLeaders });
  }

  /** Another one may lead from now on. */
  private async stepDown(leading: Leading): Promise<void> {
    if (this.leading !== leading) return;
    const { active, desk } = leading;
    this.leading = undefined;
    this.leader = undefined;
    this.remote = undefined;
    desk.close();
    await active.drain(0);
    await active.close();
  }

  private desk(): Desk | undefined {
    return this.leading?.desk ?? (this.leader?.owner === this.node ? undefined : this.remote);
  }

  private answers() {
    const { leading, leader } = this;
    return {
      own: leading && { serve: leading.serve, desk: leading.desk },
      leader: leader?.owner === this.node ? undefined : leader?.url,
      secret: this.registry?.secret,
    };
  }

  private view(): ClusterView {
    return {
      node: this.node,
      role: this.leading ? "leader" : "follower",
      leader: this.leader?.url ?? null,
      nodes: this.members.map(({ node, url, concurrency }) => ({ node, url, concurrency })),
    };
  }

  private async end(drainMs: number): Promise<void> {
    await this.turn;
    const { leading, work } = this;
    work?.rest();
    const isAlone = this.members.every(({ node }) => node === this.node);
    if (leading && isAlone) await leading.active.drain(drainMs);
    // Another one takes over at once, and what runs here goes on with it.
    else if (leading) await this.stepDown(leading);
    if (!leading || !isAlone) await this.workEnds(drainMs);
    await this.runner?.stop();
    await work?.close();
    this.closed = true;
    clearTimeout(this.watching);
    if (this.leading) await this.stepDown(this.leading);
    await this.registry?.leave();
    this.door?.close();
    this.status?.close();
    await this.database.close();
  }

  private async workEnds(ms: number): Promise<void> {
    const end = performance.now() + ms;
    while (this.work && this.work.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  private async inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(run);
    this.turn = turn.catch((error: unknown) => {
      this.warn(error);
    });
    await this.turn;
  }

  /** The same is not said again and again. */
  private warn(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.warned) this.base.warn("nodes", message);
    this.warned = message;
  }
}
