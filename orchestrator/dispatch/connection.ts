import { connect, credsAuthenticator, nkeyAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { UserError } from "../../stacks/errors";
import type { LogEntry } from "../api/server";

/** Milliseconds that the first connection may take. */
const CONNECT_MS = 10_000;

/** How NATS is reached. */
export interface NatsAccess {
  /** As nats://nats.nats.svc:4222. */
  servers: readonly string[];
  /** Content of a credentials file (JWT and seed). Default: a seed, user and password, or none. */
  credentials?: Uint8Array | undefined;
  /** Seed of an nkey, as SUA…; the server knows its public half. */
  nkey?: string | undefined;
  login?: { user: string; password: string } | undefined;
  /** Content of PEM files. Default: as the server asks for it. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
}

/** How a connection is, and how often it was lost. */
export interface NatsState {
  isConnected: boolean;
  losses: number;
}

/** A connection, and how it is. */
export interface Connected {
  nats: NatsConnection;
  state: Readonly<NatsState>;
}

/**
 * Connects, and goes on trying whenever the connection is lost.
 *
 * @throws UserError when NATS cannot be reached at first, or refuses the login
 */
export async function connectNats(
  { servers, credentials, nkey, login, tls }: NatsAccess,
  name: string,
  log: (entry: LogEntry) => void,
): Promise<Connected> {
  let nats: NatsConnection;
  try {
    nats = await connect({
      servers: [...servers],
      name,
      timeout: CONNECT_MS,
      ...(login && { user: login.user, pass: login.password }),
      ...(credentials && { authenticator: credsAuthenticator(credentials) }),
      ...(nkey !== undefined && { authenticator: nkeyAuthenticator(Buffer.from(nkey)) }),
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
  const state = { isConnected: true, losses: 0 };
  void tell(nats, state, log);
  return { nats, state };
}

async function tell(nats: NatsConnection, state: NatsState, log: (entry: LogEntry) => void): Promise<void> {
  for await (const { type } of nats.status()) {
    if (type === "disconnect") {
      // Tried in vain it is told again.
      if (state.isConnected) state.losses++;
      state.isConnected = false;
      log({ level: "warn", event: "nats", message: "the connection to NATS is lost" });
    } else if (type === "reconnect") {
      state.isConnected = true;
      log({ level: "info", event: "nats", message: "NATS is back" });
    }
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
