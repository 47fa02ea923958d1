import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Place, routed } from "./place";

/** A connection to NATS by URL; user and password of their own win over those in the URL. */
export async function connectToNats(
  place: Place,
  url: string,
  login?: { user: string | undefined; password: string | undefined },
): Promise<NatsConnection> {
  const { url: there } = routed(place, url);
  const user = login?.user ?? decodeURIComponent(there.username);
  const pass = login?.password ?? decodeURIComponent(there.password);
  return connect({
    servers: `${there.hostname}:${there.port}`,
    ...(user !== "" && { user, pass }),
    reconnectTimeWait: 200,
    maxReconnectAttempts: -1,
    timeout: 10_000,
  });
}

/** What a server says on NATS. Without a connection at the start it says nothing, for ever, as the published one. */
export class Messaging {
  readonly #jetstream: JetStreamClient | undefined;

  private constructor(
    private readonly place: Place,
    private readonly connection: NatsConnection | undefined,
    /** What `/api/health` tells: it stays so, whatever becomes of the connection. */
    readonly status: "connected" | "not_configured",
  ) {
    this.#jetstream = connection && jetstream(connection, { timeout: 10_000 });
  }

  static async start(place: Place, url: string | undefined): Promise<Messaging> {
    if (url === undefined) {
      place.log("INFO NATS not configured, running without messaging");
      return new Messaging(place, undefined, "not_configured");
    }
    try {
      return new Messaging(place, await connectToNats(place, url), "connected");
    } catch (error) {
      place.log(`WARN NATS connection failed, running without messaging: ${(error as Error).message}`);
      return new Messaging(place, undefined, "not_configured");
    }
  }

  /** Tells the workers of a command; one that no stream takes is lost, with a line in the log. */
  async publish(subject: string, message: string): Promise<void> {
    if (this.#jetstream === undefined) {
      this.place.log("WARN no messaging: command notification skipped");
      return;
    }
    try {
      await this.#jetstream.publish(subject, message);
    } catch (error) {
      this.place.log(`WARN ${subject} not published: ${(error as Error).message}`);
    }
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }
}
