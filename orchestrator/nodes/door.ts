import { timingSafeEqual } from "node:crypto";
import {
  createServer as createHttp,
  request as requestHttp,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps, request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { listening } from "../api/listen";
import { ApiError, problemOf } from "../api/problem";
import { clientErrorHandler, limitsOf } from "../api/server";
import type { ServiceOptions } from "../service";
import { type Asked, type Desk, NotLeading, type Said } from "./desk";

/** Set by a node on what it passes on: nobody passes it on again. */
const PASSED = "x-noetl-passed-by";
/** Headers of one connection only. */
const OWN = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]);
const NODES = /^\/nodes\/(?<what>take|say)$/;

/** Who answers a request at present. */
export interface Answers {
  /** This node, when it leads. */
  own: { serve: (request: IncomingMessage, response: ServerResponse) => void; desk: Desk } | undefined;
  /** Address of the node that leads, when it is another one. */
  leader: string | undefined;
  /** By which nodes know each other. */
  secret: string | undefined;
}

type DoorOptions = Pick<ServiceOptions, "host" | "port" | "tls" | "arrivalMs">;

/** The one address of a node: it answers by itself while it leads, and else passes everything on to who does. */
export class Door {
  private constructor(private readonly server: Server) {}

  /** @throws UserError for an address that cannot be had */
  static async open(options: DoorOptions, node: string, answers: () => Answers): Promise<Door> {
    const { host, port, tls, arrivalMs = 30_000 } = options;
    const take = (request: IncomingMessage, response: ServerResponse) => {
      const { own, leader, secret } = answers();
      const what = NODES.exec(request.url ?? "")?.groups?.what;
      if (what) void answerNode(own?.desk, what, secret, request, response);
      else if (own) own.serve(request, response);
      else if (leader !== undefined && request.headers[PASSED] === undefined) pass(leader, node, request, response);
      else refuse(response);
    };
    const settings = { ...limitsOf(arrivalMs), requestTimeout: arrivalMs };
    const server = tls ? createHttps({ ...tls, ...settings }, take) : createHttp(settings, take);
    server.on("clientError", clientErrorHandler);
    await listening(server, { host, port });
    return new Door(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function refuse(response: ServerResponse): void {
  const refusal = new ApiError("no-leader", "no node leads at present: another one will within seconds");
  const headers = { "content-type": "application/json", "cache-control": "no-store", ...refusal.headers };
  response.writeHead(refusal.status, headers).end(JSON.stringify(problemOf(refusal)));
}

function pass(leader: string, node: string, request: IncomingMessage, response: ServerResponse): void {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !OWN.has(name)));
  const ask = leader.startsWith("https:") ? requestHttps : requestHttp;
  const onwards = ask(new URL(request.url ?? "/", leader), {
    method: request.method,
    headers: { ...headers, [PASSED]: node },
  });
  onwards.once("response", (answer) => {
    const back = Object.entries(answer.headers).filter(([name]) => !OWN.has(name));
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(back));
    // What follows may come much later: of a stream of events, the beginning must not wait for it.
    response.flushHeaders();
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  onwards.once("error", () => {
    if (response.headersSent) response.destroy();
    else refuse(response);
  });
  response.once("close", () => onwards.destroy());
  request.pipe(onwards);
}

/** Answers another node. */
async function answerNode(
  desk: Desk | undefined,
  what: string,
  secret: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    if (secret === undefined || !isSame(request.headers.authorization ?? "", `Bearer ${secret}`)) {
      answer(401, { message: "only nodes of this database may ask this" });
      return;
    }
    const body: unknown = JSON.parse(await textOf(request));
    if (!desk) throw new NotLeading("this node does not lead");
    answer(
      200,
      what === "take" ? await desk.take(body as Asked, gone.signal) : await desk.say(body as Said, gone.signal),
    );
  } catch (error) {
    answer(503, { message: error instanceof Error ? error.message : String(error) });
  }
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
