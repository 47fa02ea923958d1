import { createServer as createPlain, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTls, type ServerOptions } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { parseJson, toJson } from "./json";
import type { Address } from "./place";

/** A request of an API. */
export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** Parts of the path that the route's pattern names. */
  parameters: Readonly<Record<string, string>>;
  /** Undefined without a body. */
  body: unknown;
}

/** What a handler answers: JSON, or text as it is. */
export interface Answer {
  status?: number;
  json?: unknown;
  text?: string;
  /** Of a text. Default: that of metrics. */
  type?: string;
}

/** Answers a request with an error. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Handler = (request: Request) => Answer | Promise<Answer>;

/** Handlers by `METHOD /path/{parameter}`. */
export type Routes = Readonly<Record<string, Handler>>;

/** Answers requests by the first route that fits, 404 without one; what a handler throws is a 500. */
function listener(routes: Routes): RequestListener {
  const compiled = Object.entries(routes).map(([route, handler]) => {
    const [method = "", path = ""] = route.split(" ");
    const pattern = path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)").replaceAll(/\{(\w+)\*\}/g, "(?<$1>.+)");
    return { method, pattern: new RegExp(`^${pattern}$`), handler };
  });
  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const url = new URL(incoming.url ?? "/", "http://server");
    const body = await textOf(incoming);
    for (const { method, pattern, handler } of compiled) {
      const match = method === incoming.method ? pattern.exec(url.pathname) : null;
      if (match === null) continue;
      return handler({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        parameters: Object.fromEntries(
          Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
        ),
        body: body === "" ? undefined : bodyIn(body),
      });
    }
    return { status: 404, json: { error: "not found" } };
  };
  return (incoming, outgoing) => {
    void answer(incoming)
      .catch((error: unknown): Answer => {
        const { message } = error as Error;
        return { status: error instanceof HttpError ? error.status : 500, json: { error: message } };
      })
      .then(({ status = 200, json, text, type = "text/plain; version=0.0.4; charset=utf-8" }) => {
        outgoing
          .writeHead(status, { "content-type": text === undefined ? "application/json" : type })
          .end(text ?? toJson(json));
      });
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function bodyIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new HttpError(400, "the body is not JSON");
  }
}

/** An HTTP server that listens. */
export class Listening {
  private constructor(
    private readonly server: Server,
    readonly address: Address,
  ) {}

  /** Listens on a port of the loopback network. @param tls certificate and key. Default: plain HTTP */
  static async start(routes: Routes, tls?: ServerOptions): Promise<Listening> {
    const server = tls === undefined ? createPlain(listener(routes)) : createTls(tls, listener(routes));
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new Listening(server, { host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
