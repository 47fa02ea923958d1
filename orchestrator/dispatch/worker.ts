import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { millis, type NatsConnection } from "@nats-io/transport-node";
import type { LogEntry } from "../api/server";
import { workOf, type Engine } from "../engine/engine";
import { connectNats, reasonOf, type NatsAccess } from "./connection";
import { HandedAttempt } from "./attempt";
import { namesOf, PRIORITIES, type Handed } from "./messages";

/** Milliseconds after which an idle worker looks for work that nobody has told it of. */
const LOOK_MS = 1000;
/** Milliseconds that NATS may take to say what there is. */
const ANSWER_MS = 5000;

export interface WorkerSettings {
  nats: NatsAccess;
  /** Name of the stream that an orchestrator has made. */
  stream: string;
  /** Attempts at once. */
  concurrency: number;
  engine: Engine;
  log: (entry: LogEntry) => void;
}

/** Does what orchestrators hand out by NATS: the most urgent first, so many at once. */
export class Worker {
  private readonly attempts = new Set<HandedAttempt>();
  private readonly names: ReturnType<typeof namesOf>;
  private stopping = false;
  private wake: () => void = () => undefined;
  private readonly loop: Promise<void>;

  private constructor(
    private readonly nats: NatsConnection,
    private readonly settings: WorkerSettings,
    private readonly ackWaitMs: number,
  ) {
    this.names = namesOf(settings.stream);
    const wake = {
      callback: () => {
        this.wake();
      },
    };
    nats.subscribe(this.names.wake, wake);
    nats.subscribe(this.names.stop, {
      callback: (error, message) => {
        if (error) return;
        const { id, token, why } = message.json<Handed & { why: string }>();
        for (const attempt of this.attempts) if (attempt.isOf({ id, token })) attempt.stop(why);
      },
    });
    this.loop = this.work();
  }

  /** Waits for the stream where no orchestrator has made it yet. @throws UserError when NATS cannot be reached or refuses */
  static async start(settings: WorkerSettings): Promise<Worker> {
    const { stream, log } = settings;
    const { nats } = await connectNats(settings.nats, "noetl-ops orchestrator work", log);
    let told = "";
    for (;;) {
      try {
        const manager = await jetstreamManager(nats);
        const { config } = await manager.consumers.info(stream, namesOf(stream).consumer(0));
        return new Worker(nats, settings, millis(config.ack_wait ?? 0));
      } catch (error) {
        if (nats.isClosed()) throw error;
        const message = `waiting for stream ${stream}: ${reasonOf(error)}`;
        if (told !== message) log({ level: "warn", event: "work", message });
        told = message;
        await delay(LOOK_MS);
      }
    }
  }

  /** Begins nothing more, lets what runs end for so many milliseconds, and hands the rest back. */
  async stop(drainMs: number): Promise<void> {
    this.stopping = true;
    this.wake();
    const late = setTimeout(() => {
      for (const attempt of this.attempts) attempt.handBack("the worker is stopping");
    }, drainMs);
    await this.loop;
    await Promise.all([...this.attempts].map((attempt) => attempt.ended));
    clearTimeout(late);
    await this.nats.flush().catch(() => undefined);
    await this.nats.close();
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const hasFree = this.attempts.size < this.settings.concurrency;
      if (hasFree && (await this.takeOne())) continue;
      const late = new AbortController();
      await Promise.race([woken, delay(LOOK_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
    }
  }

  /** @returns whether there was something */
  private async takeOne(): Promise<boolean> {
    const { stream, engine, log } = this.settings;
    for (const priority of PRIORITIES) {
      const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.names.consumer(priority)}`;
      try {
        const request = JSON.stringify({ batch: 1, no_wait: true });
        // What is handed out arrives under its own subject, by which the client's shared inbox does not know it.
        const message = await this.nats.request(subject, request, { timeout: ANSWER_MS, noMux: true });
        // Without a work item it is a status.
        if (message.headers?.code) continue;
        const attempt = new HandedAttempt(this.nats, message, {
          ask: this.names.ask,
          ackWaitMs: this.ackWaitMs,
          worker: `${hostname()}/${process.pid}`,
          run: async (task, context) => engine.run(workOf(task), context),
        });
        this.attempts.add(attempt);
        void attempt.ended.then((error) => {
          this.attempts.delete(attempt);
          if (error !== undefined) log({ level: "warn", event: "work", message: error });
          this.wake();
        });
        return true;
      } catch {
        // NATS is away, or elects a leader.
        return false;
      }
    }
    return false;
  }
}
