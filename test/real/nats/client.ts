import { connect, type Socket } from "node:net";
import { waitFor } from "../support/wait";

/** Generous: a server that has a lot to do answers late; one that says nothing never will. */
const ANSWER_MILLISECONDS = 60_000;
/** A server that is asked in the moment of an election drops the request: nobody will ever answer it. */
const JETSTREAM_ANSWER_MILLISECONDS = 5_000;

/** Who logs in. */
export interface Login {
  user: string;
  password: string;
}

/** Nobody is subscribed to the subject, as far as the server knows: the one answer here that has headers. */
class NoResponders extends Error {}

/** The server said nothing for as long as was waited. */
class Silence extends Error {}

/** What of the NATS text protocol the tests need: log in, and ask the server something. */
export class NatsClient {
  #received = Buffer.alloc(0);
  #subscriptions: string[][] = [];
  #requests = 0;
  #answer: ((result: Buffer | Error) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.readMessages();
    });
    socket.on("error", (error) => this.#answer?.(error));
    socket.on("close", () => this.#answer?.(new Error("closed by the server")));
  }

  /**
   * Connects to port 4222 and logs in.
   *
   * @throws Error with the server's words, for example `'Authorization Violation'`
   */
  static async connect(host: string, { user, password }: Login): Promise<NatsClient> {
    const client = new NatsClient(connect(4222, host));
    const options = {
      ...{ user, pass: password, verbose: false, pedantic: false, lang: "test", version: "0" },
      ...{ headers: true, no_responders: true },
    };
    try {
      await client.ask(`CONNECT ${JSON.stringify(options)}\r\nPING\r\n`);
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** Asks for a sign of life. @throws Error when the server has closed the connection */
  async ping(): Promise<void> {
    await this.ask("PING\r\n");
  }

  /** Publishes a message, so many times at once; all have arrived at the server when the promise is fulfilled. */
  async publish(subject: string, text: string, times = 1): Promise<void> {
    const message = `PUB ${subject} ${Buffer.byteLength(text)}\r\n${text}\r\n`;
    await this.ask(`${message.repeat(times)}PING\r\n`);
  }

  /** Subscribes to a subject. @returns what has been received so far; the list grows */
  async subscribe(subject: string): Promise<readonly string[]> {
    const messages: string[] = [];
    this.#subscriptions.push(messages);
    await this.ask(`SUB ${subject} s${this.#subscriptions.length - 1}\r\nPING\r\n`);
    return messages;
  }

  /**
   * Sends a request and parses the JSON of the first answer. A new stream is known to the other servers a moment later
   * than to its leader: a request that reached nobody is sent again. So is one to JetStream's API that nobody answers:
   * asking for the same stream twice makes one stream.
   *
   * @param payload text as it is, anything else as JSON
   */
  async request(subject: string, payload: unknown = ""): Promise<Record<string, unknown>> {
    const body = typeof payload === "string" ? payload : JSON.stringify(payload);
    const length = Buffer.byteLength(body);
    const ofJetStream = subject.startsWith("$JS.API.");
    return waitFor(`an answer to ${subject}`, async () => {
      const inbox = `_INBOX.${Date.now()}.${Math.random()}`;
      // Each has its own name: an answer that comes after all must not be taken for the next one's.
      const id = `r${++this.#requests}`;
      try {
        const answer = await this.ask(
          `SUB ${inbox} ${id}\r\nUNSUB ${id} 1\r\nPUB ${subject} ${inbox} ${length}\r\n${body}\r\n`,
          ofJetStream ? JETSTREAM_ANSWER_MILLISECONDS : ANSWER_MILLISECONDS,
        );
        return JSON.parse(answer.toString()) as Record<string, unknown>;
      } catch (error) {
        if (error instanceof NoResponders || (error instanceof Silence && ofJetStream)) return undefined;
        throw error;
      }
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private ask(text: string, milliseconds = ANSWER_MILLISECONDS): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) throw new Error("closed by the server");
      const timer = setTimeout(() => this.#answer?.(new Silence(`no answer to ${text.slice(0, 60)}`)), milliseconds);
      this.#answer = (result) => {
        clearTimeout(timer);
        this.#answer = undefined;
        // An error of Node's own is no `Error` of the test's.
        if (Buffer.isBuffer(result)) resolve(result);
        else reject(result);
      };
      this.socket.write(text);
    });
  }

  private readMessages(): void {
    for (;;) {
      const end = this.#received.indexOf("\r\n");
      if (end < 0) return;
      const [word = "", ...rest] = this.#received.subarray(0, end).toString().split(" ");
      const length = word === "MSG" || word === "HMSG" ? Number(rest.at(-1)) + 2 : 0;
      const next = end + 2 + length;
      if (this.#received.length < next) return;
      const payload = this.#received.subarray(end + 2, Math.max(end + 2, next - 2));
      this.#received = this.#received.subarray(next);
      if (word === "PING") this.socket.write("PONG\r\n");
      else if (word === "-ERR") this.#answer?.(new Error(rest.join(" ")));
      else if (word === "MSG" && rest[1]?.startsWith("s")) {
        this.#subscriptions[Number(rest[1].slice(1))]?.push(payload.toString());
      } else if (word === "PONG") this.#answer?.(payload);
      else if (rest[1] !== `r${this.#requests}`) continue;
      else if (word === "HMSG") this.#answer?.(new NoResponders(payload.toString().trim()));
      else if (word === "MSG") this.#answer?.(payload);
    }
  }
}

/** What the server says to a login: `"ok"`, or its error. */
export async function loginAnswer(host: string, login: Login): Promise<string> {
  try {
    (await NatsClient.connect(host, login)).close();
    return "ok";
  } catch (error) {
    return (error as Error).message;
  }
}
