import type { Surreal } from "surrealdb";
import { Away, isError, meant, run, VERSIONS } from "./database";
import { loadClient } from "./packages";
import { Wire } from "./wire";

/** A SurrealDB server, and how to get in. */
export interface SurrealServer {
  /** As `ws://surrealdb:8000`. */
  url: string;
  namespace: string;
  database: string;
  /** Of the database, of the namespace, or of the server. Default: nobody, for a server without users. */
  login?: { username: string; password: string } | undefined;
  /** PEM that the server is trusted by. Default: public ones. */
  ca?: string | undefined;
}

/** The server is there, and will not do: another attempt fails in the same way. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

/** Where a user may be defined, the least powerful first. */
const LEVELS = ["database", "namespace", "root"] as const;
export type Level = (typeof LEVELS)[number] | "nobody";

/**
 * One connection, until it is lost: what was asked for by then is `Away`. The client by itself would open another one and
 * send everything again, also what the server had done.
 */
export class Connection {
  private constructor(
    private readonly client: Surreal,
    private readonly wire: Wire,
    /** Where our user is. */
    readonly level: Level,
  ) {}

  /** @param level The one that worked before. @throws Away, Unfit */
  static async open(server: SurrealServer, level?: Level): Promise<Connection> {
    const levels = level ? [level] : server.login ? LEVELS : (["nobody"] as const);
    let refused: unknown;
    for (const one of levels) {
      try {
        return await Connection.openAs(server, one);
      } catch (error) {
        if (!(error instanceof Unfit)) throw error;
        refused = error;
      }
    }
    throw refused;
  }

  private static async openAs(server: SurrealServer, level: Level): Promise<Connection> {
    const { url, namespace, database, login, ca } = server;
    const { Surreal: Client } = loadClient();
    const wire = new Wire(ca);
    const client: Surreal = new Client({
      websocketImpl: wire.socketClass(() => void client.close().catch(() => undefined)) as typeof WebSocket,
    });
    const within = { database: { namespace, database }, namespace: { namespace }, root: {}, nobody: undefined }[level];
    const authentication = login && within && { ...within, ...login };
    try {
      const enter = async () => {
        await client.connect(url, { reconnect: false, versionCheck: false, ...(authentication && { authentication }) });
        assertVersion((await client.version()).version);
        if (level === "root" || level === "nobody") await client.query(`DEFINE NAMESPACE IF NOT EXISTS ${namespace}`);
        await client.use({ namespace });
        if (level !== "database") await client.query(`DEFINE DATABASE IF NOT EXISTS ${database}`);
        await client.use({ namespace, database });
      };
      await wire.untilLost(enter());
      return new Connection(client, wire, level);
    } catch (error) {
      wire.cut();
      throw refusalOf(error, login?.username);
    }
  }

  /** Calls once it is lost. */
  onLost(tell: (reason: string) => void): void {
    this.wire.onLost(tell);
  }

  /** @throws Away, Contended */
  async query(text: string, values?: Record<string, unknown>): Promise<unknown[]> {
    return this.wire.untilLost(run(this.client, text, values));
  }

  close(): void {
    this.wire.cut();
  }
}

function assertVersion(text: string): void {
  const major = Number(/^(?:surrealdb-)?(\d+)\./.exec(text)?.[1]);
  if (major >= VERSIONS.from && major < VERSIONS.below) return;
  throw new Unfit(`it is ${text}, and only versions from ${VERSIONS.from} to below ${VERSIONS.below} will do`);
}

function refusalOf(error: unknown, user: string | undefined): Error {
  const known = meant(error);
  if (known instanceof Unfit || known instanceof Away) return known;
  const message = isError(error) ? error.message : String(error);
  if (!/authenticat|permission|not allowed|anonymous/i.test(message)) return new Unfit(message);
  return new Unfit(user === undefined ? "it asks for a user" : `it does not know user ${user} with that password`);
}
