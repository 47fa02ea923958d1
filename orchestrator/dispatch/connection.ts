import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { UserError } from "../../stacks/errors";
import type { LogEntry } from "../api/server";

/** Milliseconds that the first connection may take. */
const CONNECT_MS = 10_000;

/** How NATS is reached. */
export interface NatsAccess {
  /** As nats://nats.nats.svc:4222. */
  servers: readonly string[];
  /** Content of a credentials file (JWT and seed). Default: user and password, or none. */
  credentials?: Uint8Array | undefined;
  login?: { user: string; password: string } | undefined;
  /** Content of PEM files. Default: as the server asks for it. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
}

/**
 * Connects, and goes on trying whenever the connection is lost.
 *
 * @throws UserError when NATS cannot be reached at first, or refuses the login
 */
export async function connectNats(
  { servers, credentials, login, tls }: NatsAccess,
  name: string,
  log: (entry: LogEntry) => void,
): Promise<NatsConnection> {
  let nats: NatsConnection;
  try {
    nats = await connect({
      servers: [...servers],
      name,
      timeout: CONNECT_MS,
      ...(login && { user: login.user, pass: login.password }),
      ...(credentials && { authenticator: credsAuthenticator(credentials) }),
      ...(tls && { tls }),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      // A password that is being replaced is right again some time.
      ignoreAuthErrorAbort: true,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
  } catch (error) {
    throw new UserError(`cannot use NATS at ${servers.map(hostOf).join(", ")}: ${reasonOf(error)}; see --nats-url`);
  }
  void tell(nats, log);
  return nats;
}

async function tell(nats: NatsConnection, log: (entry: LogEntry) => void): Promise<void> {
  for await (const { type } of nats.status()) {
    if (type === "disconnect") log({ level: "warn", event: "nats", message: "the connection to NATS is lost" });
    if (type === "reconnect") log({ level: "info", event: "nats", message: "NATS is back" });
  }
}

/** Without user and password. */
function hostOf(server: string): string {
  return server.replace(/^([a-z]+:\/\/)?[^@]*@/, "$1");
}

/** What an error of the client says, in words of ours where it says little. */
export function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (/authorization/i.test(`${name} ${message}`)) return "it refuses the login";
  const deeper = cause instanceof Error ? cause.message : "";
  return message || deeper || name;
}
