import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NOETL_USER } from "../../../components/nats/accounts";
import { commandStreams, MADE_BY_WORKERS, type CommandSource } from "../../../components/nats/streams";
import { ensureTool } from "../../../tools/find";
import type { Cluster } from "../cluster/cluster";
import { NatsClient } from "../nats/client";
import type { SupervisedProcess } from "../support/supervisor";
import { waitFor } from "../support/wait";

const PASSWORD = "secret";
const MONITORING = 8222;

/** A nats-server with the streams and consumers of worker pools, and no workers: the lag is what a test makes it. */
export class Commands {
  #server: SupervisedProcess | undefined;
  #client: NatsClient | undefined;
  readonly #lags = new Map<string, number>();
  /** The client takes one request at a time. */
  #turn: Promise<void> = Promise.resolve();
  #asking: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly cluster: Cluster,
    private readonly command: string,
    private readonly host: string,
  ) {}

  /** Starts a server on an address of its own, with one consumer for each source. */
  static async start(cluster: Cluster, sources: readonly CommandSource[]): Promise<Commands> {
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(tool.reason);
    const commands = new Commands(cluster, tool.path, `127.78.${(process.pid >> 8) % 256}.${1 + (process.pid % 250)}`);
    await commands.begin();
    for (const { name, subjects, consumers } of commandStreams(sources, MADE_BY_WORKERS)) {
      await commands.ask(`STREAM.CREATE.${name}`, {
        name,
        subjects,
        storage: "file",
        retention: "limits",
        num_replicas: 1,
      });
      for (const { name: durable_name, filterSubject: filter_subject } of consumers) {
        const config = { durable_name, filter_subject, ack_policy: "explicit", deliver_policy: "all" };
        await commands.ask(`CONSUMER.DURABLE.CREATE.${name}.${durable_name}`, { stream_name: name, config });
      }
    }
    return commands;
  }

  /** `address:port` of the monitoring endpoint. */
  get monitoring(): string {
    return `${this.host}:${MONITORING}`;
  }

  /** Where its clients connect. */
  get clients(): { host: string; port: number } {
    return { host: this.host, port: 4222 };
  }

  /** Messages that a source's consumer is not done with, whoever has sent them. */
  async lagOf({ stream, consumer }: CommandSource): Promise<number> {
    const info = await this.asked(`CONSUMER.INFO.${stream}.${consumer}`, {});
    return Number(info?.num_pending) + Number(info?.num_ack_pending);
  }

  /** Starts the server, again with what it had. */
  async begin(): Promise<void> {
    const file = join(this.cluster.folder, "nats.conf");
    const { account, user } = NOETL_USER;
    writeFileSync(
      file,
      [
        `server_name: nats-0`,
        `listen: "${this.host}:4222"`,
        `http: "${this.monitoring}"`,
        `jetstream: { store_dir: "${join(this.cluster.folder, "jetstream")}" }`,
        `accounts: { "${account}": { jetstream: true, users: [{ user: "${user}", password: "${PASSWORD}" }] } }`,
      ].join("\n"),
    );
    this.#server = await this.cluster.run({ name: "nats-server", command: this.command, arguments: ["-c", file] });
    this.#client = await waitFor("nats-server", () =>
      NatsClient.connect(this.host, { user, password: PASSWORD }).catch(() => undefined),
    );
  }

  /** Ends the server at once. */
  async end(): Promise<void> {
    this.#client?.close();
    await this.#server?.kill();
  }

  /** Makes the lag of a source what it shall be, in one step: nobody who polls sees a number in between. */
  setLag(source: CommandSource, lag: number): Promise<void> {
    this.#turn = this.#turn.then(() => this.change(source, lag));
    return this.#turn;
  }

  private async change(source: CommandSource, lag: number): Promise<void> {
    const present = this.#lags.get(source.consumer) ?? 0;
    const subject = source.filterSubject.replace(/>$/, "1");
    if (lag < present) await this.ask(`STREAM.PURGE.${source.stream}`, { filter: subject, keep: lag });
    if (lag > present) {
      await this.#client?.publish(subject, "{}", lag - present - 1);
      // The stream takes them in their order: its answer to the last is one for all.
      await this.#client?.request(subject, {});
    }
    this.#lags.set(source.consumer, lag);
  }

  private async ask(path: string, body: object): Promise<void> {
    await this.asked(path, body);
  }

  /** The client takes one request at a time. */
  private asked(path: string, body: object): Promise<Record<string, unknown> | undefined> {
    const asked = this.#asking.then(async () => {
      const answer = await this.#client?.request(`$JS.API.${path}`, body);
      if (answer?.error !== undefined) throw new Error(`${path}: ${JSON.stringify(answer.error)}`);
      return answer;
    });
    this.#asking = asked.catch(() => undefined);
    return asked;
  }
}
