import { EventEmitter, once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { FirestoreServer } from "@firestore-emulator/server";
import type { Firestore } from "@google-cloud/firestore";
import { openDatabase } from "../../../agents/firestore/database";

/**
 * A Firestore emulator in this process. It keeps documents, filters, preconditions and server times as the real one
 * does, but its transactions see each other's writes: nothing here proves isolation.
 */
export class Emulator {
  readonly #server = new FirestoreServer();
  readonly #clients: Firestore[] = [];
  #answersToLose = 0;
  #hold: { reached: () => void; released: Promise<unknown> } | undefined;
  #failure: { code: number; times: number } | undefined;

  private constructor(readonly address: string) {}

  static async start(): Promise<Emulator> {
    const port = await freePort();
    const emulator = new Emulator(`127.0.0.1:${port}`);
    emulator.#interceptCommits();
    await emulator.#server.start(port);
    return emulator;
  }

  /** A client of its own, as another process would have one; each project is a database of its own. */
  client(project: string): Firestore {
    const client = openDatabase({ project, database: "(default)", emulator: this.address });
    this.#clients.push(client);
    return client;
  }

  /** The next commit is done, but whoever asked for it gets an error, as when the connection breaks. */
  loseNextAnswer(): void {
    this.#answersToLose++;
  }

  /** The next commits are not done, and fail with a status of gRPC. */
  failNext(code: number, times = 1): void {
    this.#failure = { code, times };
  }

  /** The next commit waits until it is told to go on. */
  hold(): { reached: Promise<unknown>; now: () => void } {
    const events = new EventEmitter();
    this.#hold = { reached: () => events.emit("reached"), released: once(events, "released") };
    return { reached: once(events, "reached"), now: () => events.emit("released") };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.terminate()));
    this.#server.stop();
  }

  #interceptCommits(): void {
    const { handlers } = (this.#server as unknown as { server: { handlers: Map<string, Handler> } }).server;
    const commit = handlers.get("/google.firestore.v1.Firestore/Commit");
    if (!commit) throw new Error(`no Commit among ${[...handlers.keys()].join(", ")}`);
    const real = commit.func;
    commit.func = (call, callback) => {
      if (this.#failure && this.#failure.times > 0) {
        this.#failure.times--;
        callback({ code: this.#failure.code, message: "as the test wants it" });
        return;
      }
      const hold = this.#hold;
      if (hold) {
        this.#hold = undefined;
        hold.reached();
        void hold.released.then(() => {
          commit.func(call, callback);
        });
        return;
      }
      const lost = this.#answersToLose > 0;
      if (lost) this.#answersToLose--;
      real(call, (error, value) => {
        callback(lost && error == null ? { code: 14, message: "the answer was lost" } : error, lost ? null : value);
      });
    };
  }
}

interface Handler {
  func: (call: unknown, callback: (error: unknown, value?: unknown) => void) => void;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
