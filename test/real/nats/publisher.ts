import { setTimeout as delay } from "node:timers/promises";
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { NatsPod } from "./pod";
import { PASSWORDS } from "./cluster-objects";

/** Longer without an acknowledgement is told as a gap. */
const GAP_MS = 250;

/** What is published to: a stream with a copy on three servers. */
export const STREAM = { name: "S", subjects: ["s.>"], num_replicas: 3 };

/** Whom a client connects to, and as whom. */
export function clientOptions(pods: readonly NatsPod[]): { servers: string[]; user: string; pass: string } {
  return { servers: pods.map(({ ip }) => `${ip}:4222`), user: "noetl", pass: PASSWORDS.noetl };
}

/** Publishes to a stream without a pause, remembers what was acknowledged, and tries again what was not. */
export class Publisher {
  readonly acknowledged = new Set<string>();
  /** Times without an acknowledgement, ms. */
  readonly gaps: number[] = [];
  #next = 0;
  #stopped = false;
  #last = Date.now();
  #longest = 0;
  #work: Promise<void>[] = [];

  private constructor(
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
    private readonly client: JetStreamClient,
  ) {}

  /** Connects to all servers, and makes {@link STREAM}. */
  static async create(pods: readonly NatsPod[]): Promise<Publisher> {
    const connection = await connect({
      ...clientOptions(pods),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const manager = await jetstreamManager(connection);
    await manager.streams.add(STREAM);
    return new Publisher(connection, manager, jetstream(connection, { timeout: 1000 }));
  }

  /** Begins, several messages at a time. */
  start(): void {
    this.#last = Date.now();
    this.#work = Array.from({ length: 8 }, () => this.publish());
  }

  /** Waits until so many more messages were acknowledged. */
  async progress(count: number): Promise<void> {
    const goal = this.acknowledged.size + count;
    while (this.acknowledged.size < goal) await delay(20);
  }

  /** The longest time without an acknowledgement, ms, since this was last asked. */
  takeLongestGap(): number {
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }

  /** Ends, once everything that was begun is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#work);
  }

  /** Acknowledged messages that the stream does not hold. */
  async lost(): Promise<string[]> {
    const stored = new Set<string>();
    const consumer = await this.client.consumers.get(STREAM.name);
    const total = (await this.manager.streams.info(STREAM.name)).state.messages;
    while (stored.size < total) {
      const messages = await consumer.fetch({ max_messages: 2000, expires: 5000 });
      let received = 0;
      for await (const message of messages) {
        received += 1;
        stored.add(message.string());
      }
      if (received === 0) break;
    }
    return [...this.acknowledged].filter((id) => !stored.has(id));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async publish(): Promise<void> {
    while (!this.#stopped) {
      const id = String((this.#next += 1));
      while (!(await this.attempt(id))) await delay(20);
    }
  }

  private async attempt(id: string): Promise<boolean> {
    try {
      await this.client.publish("s.x", id, { msgID: id });
    } catch {
      return false;
    }
    const now = Date.now();
    if (now - this.#last > GAP_MS) this.gaps.push(now - this.#last);
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
    this.acknowledged.add(id);
    return true;
  }
}
