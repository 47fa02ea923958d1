import { at, textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import { loadNats, type Nats } from "../nats";
import type { Published } from "./delivery";

/** Milliseconds between two messages. */
const EVERY = 100;
/** Most messages; a drill that lasts longer goes on without them. */
const MOST = 10_000;
/** How long one try waits for its acknowledgement, in milliseconds. */
const TRY = 2_000;
/** How long a message may take in all, in seconds: an election is within. */
const ACKNOWLEDGED = 60;

/**
 * Publishes numbered messages to a stream, one after the other, each again and again until it is acknowledged; a message
 * that is stored twice all the same would be the stream's fault, since all its tries have one id.
 */
export class Publisher {
  readonly published: Published[] = [];
  #next = 1;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(
    private readonly context: RigContext,
    private readonly nats: Nats,
    private readonly subject: string,
  ) {}

  /** Number of the message that is sent next. */
  get next(): number {
    return this.#next;
  }

  start(): void {
    this.#loop = this.publish().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Waits until so many messages are acknowledged. @throws UserError what stopped the publishing */
  async reaches(count: number): Promise<void> {
    await this.context.waitFor(
      { what: `${count} acknowledged messages`, seconds: ACKNOWLEDGED, every: EVERY },
      (tell) => {
        tell(`${this.published.length}`);
        this.assertRunning();
        return Promise.resolve(this.published.length >= count ? true : undefined);
      },
    );
  }

  /** Ends with the message that is under way. @throws UserError when one was never acknowledged */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    this.assertRunning();
  }

  private assertRunning(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  private async publish(): Promise<void> {
    const { clock } = this.context.reach;
    while (!this.#stopped && this.#next <= MOST) {
      const number = this.#next++;
      const begin = clock.elapsed();
      await this.acknowledged(number);
      this.published.push({ number, milliseconds: clock.elapsed() - begin });
      await clock.wait(EVERY);
    }
  }

  private async acknowledged(number: number): Promise<void> {
    const { clock, signal } = this.context.reach;
    const end = clock.elapsed() + ACKNOWLEDGED * 1000;
    for (;;) {
      signal?.throwIfAborted();
      const reason = await this.attempt(number);
      if (reason === undefined) return;
      if (clock.elapsed() > end)
        throw new UserError(`message ${number} was not acknowledged within ${ACKNOWLEDGED} s: ${reason}`);
      await clock.wait(EVERY);
    }
  }

  /** @returns why it was not acknowledged */
  private async attempt(number: number): Promise<string | undefined> {
    const headers = loadNats().headers();
    headers.set("Nats-Msg-Id", `${this.subject}.${number}`);
    try {
      const answer = await this.nats.request(this.subject, String(number), { timeout: TRY, headers });
      return textOf(at(answer.json(), "error", "description"));
    } catch (error) {
      return (error as Error).message;
    }
  }
}
