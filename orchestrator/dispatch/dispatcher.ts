import { setTimeout as delay } from "node:timers/promises";
import { jetstream, type JetStreamClient, type JetStreamManager, type JsMsg } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { LogEntry } from "../api/server";
import type { TaskContext } from "../queue/runner";
import type { Storage } from "../storage/storage";
import { errorOf, PermanentError } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Task } from "../tasks/task";
import { connectNats, reasonOf, type NatsAccess, type NatsState } from "./connection";
import { namesOf, type Answer, type Ask, type Handed } from "./messages";
import { ensureStreams, type StreamSettings } from "./streams";

/** Milliseconds between two tries to hand something to NATS. */
const AGAIN_MS = 500;

export type DispatchSettings = StreamSettings & { nats: NatsAccess };

/** An attempt that was handed out. */
interface Out {
  task: Task;
  context: TaskContext;
  /** Number of the last word to begin; 0: nobody has begun. Only who has the last one is heard. */
  grant: number;
  /** Number of the last lines of its log. */
  said: number;
  resolve: (result: Json | undefined) => void;
  reject: (error: Error) => void;
}

/**
 * Hands attempts to workers by a work queue of JetStream, a consumer a priority. The storage stays the truth: NATS only
 * carries which attempt is to be done. A worker begins when this node gives its word, and each word makes the one before
 * void; so a message that comes again does a task no second time, and a worker that was thought dead says nothing more.
 */
export class Dispatcher {
  private readonly outs = new Map<string, Out>();
  private readonly stream: JetStreamClient;
  private readonly names: ReturnType<typeof namesOf>;
  private closed = false;

  private constructor(
    private readonly nats: NatsConnection,
    /** How the connection is. */
    readonly state: Readonly<NatsState>,
    private readonly manager: JetStreamManager,
    private readonly settings: DispatchSettings,
    private readonly storage: Storage,
    private readonly log: (entry: LogEntry) => void,
  ) {
    this.stream = jetstream(nats);
    this.names = namesOf(settings.stream);
  }

  /** @throws UserError when NATS cannot be reached or refuses, and when there is another stream of the name */
  static async start(
    settings: DispatchSettings,
    storage: Storage,
    log: (entry: LogEntry) => void,
  ): Promise<Dispatcher> {
    const { nats, state } = await connectNats(settings.nats, "noetl-ops orchestrator serve", log);
    try {
      const manager = await ensureStreams(nats, settings);
      const dispatcher = new Dispatcher(nats, state, manager, settings, storage, log);
      nats.subscribe(dispatcher.names.ask, {
        callback: (error, message) => {
          if (!error) void dispatcher.answer(message);
        },
      });
      void dispatcher.buryDead();
      return dispatcher;
    } catch (error) {
      await nats.close();
      throw error;
    }
  }

  /** Has an attempt done by whichever worker takes it. */
  async execute(task: Task, context: TaskContext): Promise<Json | undefined> {
    const { signal } = context;
    signal.throwIfAborted();
    return new Promise<Json | undefined>((resolve, reject) => {
      const out: Out = { task, context, grant: 0, said: 0, resolve, reject };
      this.outs.set(task.id, out);
      signal.addEventListener("abort", () => {
        // Nobody needs to be waited for; else the worker says how it ended.
        if (out.grant === 0) reject(signal.reason as Error);
        else this.publish(this.names.stop, { id: task.id, token: context.token, why: String(signal.reason) });
      });
      void this.handOut(out);
    }).finally(() => {
      if (this.outs.get(task.id)?.context === context) this.outs.delete(task.id);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.nats.close();
  }

  /** Until it is stored: an election, or a connection that is lost, swallows requests. */
  private async handOut(out: Out): Promise<void> {
    const { task, context } = out;
    const { id, priority } = task;
    const handed: Handed = { id, token: context.token };
    const subject = this.names.work(priority);
    let told = false;
    while (!this.closed && this.outs.get(id) === out && !context.signal.aborted) {
      try {
        await this.stream.publish(subject, JSON.stringify(handed), { msgID: `${id}/${context.token}` });
        this.publish(this.names.wake, {});
        return;
      } catch (error) {
        if (!told)
          this.log({ level: "warn", event: "dispatch", message: `task ${id} waits for NATS: ${reasonOf(error)}` });
        told = true;
        await delay(AGAIN_MS);
      }
    }
  }

  private async answer(message: Msg): Promise<void> {
    try {
      const answer = await this.answerTo(message.json<Ask>());
      if (answer) message.respond(JSON.stringify(answer));
    } catch (error) {
      // The worker asks again.
      this.log({ level: "error", event: "dispatch", message: reasonOf(error) });
    }
  }

  /** @returns undefined where another node must answer */
  private async answerTo(ask: Ask): Promise<Answer | undefined> {
    const out = this.outs.get(ask.id);
    if (out?.context.token !== ask.token) return this.answerOther(ask);
    const { context } = out;
    if (ask.ask === "begin") {
      if (context.signal.aborted) return { stop: "it was told to stop" };
      out.grant++;
      out.said = 0;
      await context.log([{ at: Date.now(), stream: "event", text: `${ask.worker} has begun` }]);
      return { task: out.task, grant: out.grant };
    }
    if (ask.grant !== out.grant) return { stop: "another worker has it" };
    switch (ask.ask) {
      case "log":
        if (ask.n > out.said) {
          await context.log(ask.lines);
          out.said = ask.n;
        }
        break;
      case "progress":
        await context.progress(ask.progress);
        break;
      case "end":
        this.outs.delete(ask.id);
        if (ask.error) out.reject(errorOf(ask.error));
        else out.resolve(ask.result);
        return { go: true };
      case "beat":
        break;
    }
    return context.signal.aborted ? { stop: String(context.signal.reason) } : { go: true };
  }

  private async answerOther({ id, token }: Ask): Promise<Answer | undefined> {
    const task = await this.storage.task(id);
    const isRunning = task?.state === "running" && task.lease?.token === token;
    // Of several nodes, the one that has handed it out answers.
    if (isRunning && !this.storage.exclusive) return undefined;
    return { stop: "it has ended, or is begun anew" };
  }

  /** Work that was handed out too often rests in the storage as a dead letter, and in the stream no longer. */
  private async buryDead(): Promise<void> {
    while (!this.closed) {
      try {
        const consumer = await this.stream.consumers.get(this.names.dead, "dead-letters");
        const advisories = await consumer.consume();
        for await (const advisory of advisories) await this.bury(advisory);
      } catch (error) {
        if (!this.nats.isClosed())
          this.log({ level: "warn", event: "dispatch", message: `dead letters: ${reasonOf(error)}` });
      }
      await delay(AGAIN_MS);
    }
  }

  private async bury(advisory: JsMsg): Promise<void> {
    const { stream } = this.settings;
    const { stream_seq: seq, deliveries } = advisory.json<{ stream_seq: number; deliveries: number }>();
    const message = await this.manager.streams.getMessage(stream, { seq });
    if (message) {
      const { id, token } = message.json<Handed>();
      const out = this.outs.get(id);
      if (out?.context.token === token) {
        const text = `it was handed out ${deliveries} times, and no worker has ended it`;
        out.reject(new PermanentError("dead-letter", text));
      }
      await this.manager.streams.deleteMessage(stream, seq);
    }
    advisory.ack();
  }

  /** To whoever hears it now; what must arrive is asked for again. */
  private publish(subject: string, message: object): void {
    if (!this.nats.isClosed()) this.nats.publish(subject, JSON.stringify(message));
  }
}
