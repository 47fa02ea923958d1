import { setTimeout as delay } from "node:timers/promises";
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { NatsPod } from "./pod";
import { PASSWORDS } from "./cluster-objects";

/** Longer without an acknowledgement is told as a gap. */
const GAP_MS = 250;

/** Publishes to a stream without a pause, remembers what was acknowledged, and tries again what was not. */
export class Publisher {
  readonly acknowledged = new Set<string>();
  /** Times without an acknowledgement, ms. */
  readonly gaps: number[] = [];
  #next = 0;
  #stopped = false;
  #last = Date.now();
  #work: Promise<void>[] = [];

  private constructor(
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
    private readonly client: JetStreamClient,
  ) {}

  /** Connects to all servers, and makes stream S with a copy on three of them. */
  static async create(pods: readonly NatsPod[]): Promise<Publisher> {
    const connection = await connect({
      servers: pods.map(({ ip }) => `${ip}:4222`),
      user: "noetl",
      pass: PASSWORDS.noetl,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "S", subjects: ["s.>"], num_replicas: 3 });
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

  /** Ends, once everything that was begun is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#work);
  }

  /** Acknowledged messages that the stream does not hold. */
  async lost(): Promise<string[]> {
    const stored = new Set<string>();
    const consumer = await this.client.consumers.get("S");
    const total = (await this.manager.streams.info("S")).state.messages;
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
    this.#last = now;
    this.acknowledged.add(id);
    return true;
  }
}
