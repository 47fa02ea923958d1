import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What an API answers to one path. */
export interface Scripted {
  status?: number;
  headers?: Record<string, string>;
  /** The body; anything but text as JSON. */
  body: unknown;
}

/** A request that came. */
export interface Seen {
  method: string;
  path: string;
  body: string;
  authorization: string | undefined;
}

/** An HTTP API that answers as told, and remembers what it was asked. */
export class ScriptedApi {
  readonly seen: Seen[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(answer: (request: Seen) => Scripted): Promise<ScriptedApi> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const api = new ScriptedApi(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      void readAll(request).then((body) => {
        const { authorization } = request.headers;
        const seen = { method: request.method ?? "", path: request.url ?? "", body, authorization };
        api.seen.push(seen);
        const { status = 200, headers = {}, body: given } = answer(seen);
        response.writeHead(status, headers).end(typeof given === "string" ? given : JSON.stringify(given));
      });
    });
    return api;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}

/** The answer of Prometheus to a query with so many series. */
export function vector(...series: [labels: Record<string, string>, value: string][]): {
  status: string;
  data: unknown;
} {
  const result = series.map(([metric, value]) => ({ metric, value: [1763712000, value] }));
  return { status: "success", data: { resultType: "vector", result } };
}

/** Answers queries by the first of these texts that the expression holds; others with nothing. */
export function answers(byText: Record<string, string | undefined>, more: object = {}): (request: Seen) => Scripted {
  return ({ body }) => {
    const expression = new URLSearchParams(body).get("query") ?? "";
    const found = Object.entries(byText).find(([text]) => expression.includes(text))?.[1];
    return { body: { ...(found === undefined ? vector() : vector([{}, found])), ...more } };
  };
}
