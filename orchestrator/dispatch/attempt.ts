import { setTimeout as delay } from "node:timers/promises";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { LogLine } from "../storage/storage";
import type { Execute, TaskContext } from "../queue/runner";
import { taskErrorOf } from "../tasks/errors";
import type { Answer, Ask, Handed } from "./messages";

/** What JetStream is told of a message that it has handed out. */
const DONE = "+ACK";
const NOT_DONE = "-NAK";
const IN_PROGRESS = "+WPI";

/** Milliseconds that an orchestrator may take to answer before it is asked again. */
const ANSWER_MS = 5000;
/** Milliseconds before somebody who does not answer is asked again. */
const AGAIN_MS = 250;

export interface AttemptSettings {
  /** Subject of the orchestrators. */
  ask: string;
  /** Milliseconds without a sign of life after which NATS gives the work to another. */
  ackWaitMs: number;
  /** Who works, for people. */
  worker: string;
  run: Execute;
}

/** What is asked, but for the attempt. */
type Question = Ask extends infer One ? (One extends Ask ? Omit<One, keyof Handed> : never) : never;

/** Work that NATS has handed to this process. */
export class HandedAttempt {
  /** Resolves once it is over; with why, where it was given up. */
  readonly ended: Promise<string | undefined>;
  private readonly handed: Handed;
  private readonly controller = new AbortController();
  /** Why nothing more is to be said of it: it is another's. */
  private lost: string | undefined;
  private givenBack = false;
  /** The last time that NATS has heard of it, on the clock that never jumps. */
  private heard = performance.now();
  private grant = 0;
  private lines = 0;
  private logged: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly nats: NatsConnection,
    private readonly message: Msg,
    private readonly settings: AttemptSettings,
  ) {
    this.handed = message.json<Handed>();
    this.ended = this.whole();
  }

  isOf({ id, token }: Handed): boolean {
    return this.handed.id === id && this.handed.token === token;
  }

  /** It must stop, and its end is still to be told. */
  stop(why: string): void {
    this.controller.abort(new Error(why));
  }

  /** It must stop, and another worker does it. */
  handBack(why: string): void {
    this.givenBack = true;
    this.stop(why);
  }

  private async whole(): Promise<string | undefined> {
    const beats = setInterval(() => void this.beat(), this.settings.ackWaitMs / 3);
    try {
      const begun = await this.asked({ ask: "begin", worker: this.settings.worker });
      if (!begun) return await this.leave();
      if (!("task" in begun)) {
        // It has ended, or another attempt was begun: what NATS still has of it is of no use.
        await this.done();
        return undefined;
      }
      this.grant = begun.grant;
      await this.run(begun.task);
      return await this.leave();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      clearInterval(beats);
    }
  }

  private async run(task: Parameters<Execute>[0]): Promise<void> {
    let end: { result?: Awaited<ReturnType<Execute>> } | { error: ReturnType<typeof taskErrorOf> };
    try {
      this.controller.signal.throwIfAborted();
      end = { result: await this.settings.run(task, this.context()) };
    } catch (error) {
      end = { error: taskErrorOf(error) };
    }
    if (this.isLeft) return;
    await this.logged;
    if (await this.asked({ ask: "end", grant: this.grant, ...end })) await this.done();
  }

  /** Whether another worker is to do it. */
  private get isLeft(): boolean {
    return this.lost !== undefined || this.givenBack;
  }

  private async leave(): Promise<string | undefined> {
    if (this.givenBack && this.lost === undefined) {
      this.say(NOT_DONE);
      await this.nats.flush().catch(() => undefined);
    }
    return this.lost === undefined ? undefined : `task ${this.handed.id}: ${this.lost}`;
  }

  /** The message goes from the stream. Where that does not arrive it is handed out again, and dropped by the next one. */
  private async done(): Promise<void> {
    await this.nats.request(this.message.reply ?? "", DONE, { timeout: ANSWER_MS }).catch(() => undefined);
  }

  private context(): TaskContext {
    const { signal } = this.controller;
    return {
      signal,
      token: this.handed.token,
      progress: async (progress) => {
        await this.told({ ask: "progress", grant: this.grant, progress });
      },
      log: async (lines: readonly LogLine[]) => {
        const n = ++this.lines;
        const turn = this.logged.then(() => this.told({ ask: "log", grant: this.grant, n, lines }));
        this.logged = turn.catch(() => undefined);
        await turn;
      },
    };
  }

  /** A sign of life to NATS, and a question whether anybody still wants it. */
  private async beat(): Promise<void> {
    const { ackWaitMs } = this.settings;
    if (performance.now() - this.heard > ackWaitMs * 0.8) {
      // By now another may have it: two must not do it.
      this.lose("NATS has not been reached for too long");
      return;
    }
    try {
      this.say(IN_PROGRESS);
      await this.nats.flush();
      this.heard = performance.now();
      if (this.grant > 0)
        await this.ask({ ask: "beat", grant: this.grant }).then((answer) => {
          this.hear(answer);
        });
    } catch {
      // The next one tries again.
    }
  }

  private say(word: string): void {
    this.nats.publish(this.message.reply ?? "", word);
  }

  private lose(why: string): void {
    this.lost ??= why;
    this.stop(why);
  }

  private hear(answer: Answer): void {
    if ("stop" in answer) this.stop(answer.stop);
  }

  private async told(question: Question): Promise<void> {
    const answer = await this.asked(question);
    if (answer) this.hear(answer);
  }

  /** Asks until somebody answers; undefined: it is lost, or given back, before. */
  private async asked(question: Question): Promise<Answer | undefined> {
    while (!this.isLeft) {
      try {
        return await this.ask(question);
      } catch {
        await delay(AGAIN_MS);
      }
    }
    return undefined;
  }

  private async ask(question: Question): Promise<Answer> {
    const text = JSON.stringify({ ...this.handed, ...question });
    return (await this.nats.request(this.settings.ask, text, { timeout: ANSWER_MS })).json<Answer>();
  }
}
