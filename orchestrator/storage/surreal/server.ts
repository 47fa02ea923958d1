import { UserError } from "../../../stacks/errors";
import { Connection, type Level, type SurrealServer, Unfit } from "./connection";
import { Away, type Database } from "./database";

/** Milliseconds before another connection is tried: at first, and at most. */
const AGAIN_MS = { first: 50, most: 2000 };

/** A SurrealDB server. A connection that is lost is opened again until that succeeds; meanwhile all is `Away`. */
export class ServerDatabase implements Database {
  private connection: Connection | undefined;
  private reason: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(private readonly server: SurrealServer) {}

  /** @throws UserError where it cannot be reached, does not let us in, or is of another version */
  static async connect(server: SurrealServer): Promise<ServerDatabase> {
    const database = new ServerDatabase(server);
    try {
      database.have(await Connection.open(server));
      return database;
    } catch (error) {
      if (!(error instanceof Away || error instanceof Unfit)) throw error;
      const next =
        error instanceof Away ? "start it, or correct --surrealdb-url" : "docs/orchestrator.md says what it needs";
      throw new UserError(`cannot use the SurrealDB at ${server.url}: ${error.message}; ${next}`);
    }
  }

  get away(): string | undefined {
    return this.reason;
  }

  async query(text: string, values?: Record<string, unknown>): Promise<unknown[]> {
    if (!this.connection) throw new Away(this.reason ?? "it is closed");
    return this.connection.query(text, values);
  }

  close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.connection?.close();
    return Promise.resolve();
  }

  private have(connection: Connection): void {
    this.connection = connection;
    this.reason = undefined;
    connection.onLost((reason) => {
      this.connection = undefined;
      this.later(reason, connection.level, AGAIN_MS.first);
    });
  }

  private later(reason: string, level: Level, ms: number): void {
    if (this.closed) return;
    this.reason = `SurrealDB at ${this.server.url}: ${reason}`;
    this.timer = setTimeout(() => void this.again(level, ms), ms * (0.5 + Math.random() / 2));
  }

  private async again(level: Level, ms: number): Promise<void> {
    try {
      const connection = await Connection.open(this.server, level);
      if (this.closed) connection.close();
      else this.have(connection);
    } catch (error) {
      this.later(error instanceof Error ? error.message : String(error), level, Math.min(AGAIN_MS.most, ms * 2));
    }
  }
}
