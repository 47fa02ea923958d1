import type * as Transport from "@nats-io/transport-node";
import { z } from "zod";
import type { Json } from "../../preview/graph";
import { at, type JsonObject, numberOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Reach } from "./reach";

const keySchema = z.object({ namespace: z.string(), name: z.string(), key: z.string() });

/** A NATS inside the cluster, and a login to it; the password itself is read when it is needed. */
export const natsServerSchema = z.object({
  endpoint: z.object({ kind: z.enum(["Service", "Pod"]), name: z.string(), namespace: z.string(), port: z.number() }),
  user: z.string(),
  password: keySchema,
  /** Where clients must use TLS: the name that they expect, and the roots. */
  tls: z.object({ servername: z.string(), roots: keySchema }).optional(),
});

export type NatsServer = z.infer<typeof natsServerSchema>;

/** A connection to NATS. */
export type Nats = Transport.NatsConnection;

/** How long a connection may take, and one answer, in milliseconds. */
const CONNECT = 10_000;
const ANSWER = 5_000;

/**
 * Connects, and ends the connection when the work is done.
 *
 * @throws UserError when NATS cannot be reached, or refuses the login
 */
export async function withNats<T>(reach: Reach, server: NatsServer, work: (nats: Nats) => Promise<T>): Promise<T> {
  const nats = await openNats(reach, server);
  try {
    return await work(nats);
  } finally {
    await nats.close();
  }
}

/** The same for a connection that outlives a step. @throws UserError */
export async function openNats(reach: Reach, { endpoint, user, password, tls }: NatsServer): Promise<Nats> {
  const [forward, pass, ca] = await Promise.all([
    reach.forward(endpoint),
    reach.secret(password),
    tls && reach.secret(tls.roots),
  ]);
  const where = `NATS (${endpoint.kind} ${endpoint.namespace}/${endpoint.name}, user ${user})`;
  return connectNats(forward, { user, pass }, where, tls && { ca: ca ?? "", servername: tls.servername });
}

/**
 * Connects to one server, without going over to another: a rig means this one.
 *
 * @param login Default: none.
 * @param where for messages
 * @throws UserError
 */
export async function connectNats(
  forward: { port: number; problem(): string | undefined },
  login: { user: string; pass: string } | undefined,
  where: string,
  tls?: { ca: string; servername: string },
): Promise<Nats> {
  try {
    return await loadNats().connect({
      servers: `127.0.0.1:${forward.port}`,
      ...login,
      ...(tls && { tls }),
      name: "noetl-ops verify",
      reconnect: false,
      ignoreClusterUpdates: true,
      timeout: CONNECT,
    });
  } catch (error) {
    throw new UserError(`${where}: ${forward.problem() ?? reasonOf(error)}`);
  }
}

/** An error of JetStream's API. */
export class JetStreamError extends UserError {
  constructor(
    message: string,
    /** `err_code`, as 10059 for a stream that is not there. */
    readonly code: number,
  ) {
    super(message);
  }
}

/** Errors of JetStream: something is not there, or can be nowhere. */
export const NO_STREAM = 10059;
export const NO_CONSUMER = 10014;
export const NO_SUITABLE_PEERS = 10005;

/**
 * Asks the JetStream API once.
 *
 * @param path such as `STREAM.INFO.NOETL_COMMANDS`
 * @throws JetStreamError for an answer that is an error, UserError without an answer
 */
export async function jetStream(nats: Nats, path: string, body: Json = {}): Promise<JsonObject> {
  const answer = await requested(nats, `$JS.API.${path}`, JSON.stringify(body));
  const error = at(answer, "error");
  if (error === undefined) return answer;
  throw new JetStreamError(
    `JetStream refuses ${path}: ${textOf(at(error, "description")) ?? "without a reason"}`,
    numberOf(at(error, "err_code")) ?? 0,
  );
}

/** Sends a request. @returns the JSON of its answer @throws UserError without one */
export async function requested(nats: Nats, subject: string, payload: string | Uint8Array): Promise<JsonObject> {
  try {
    return (await nats.request(subject, payload, { timeout: ANSWER })).json<JsonObject>();
  } catch (error) {
    throw new UserError(`NATS does not answer ${subject}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const { message = "", code } = error as { message?: string; code?: string };
  return message !== "" ? message : (code ?? "no reason given");
}

/** Loaded when a rig needs it: no other command shall start slower for it. */
export function loadNats(): typeof Transport {
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("@nats-io/transport-node") as typeof Transport;
}
