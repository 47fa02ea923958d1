import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { traceOf, type Log } from "./log";
import type { Agent } from "./server";
import { isBearer, readToken, type TokenSource } from "./token";

export interface HttpSettings {
  /** Address to listen on. */
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Without one, only this machine may call. */
  token: TokenSource | undefined;
}

/** What a request may send: a batch of documents, each of at most 1 MiB. */
const MOST_BYTES = 10 * 2 ** 20;

/** An agent that listens. */
export interface Listening {
  port: number;
  /** Takes no new connections, answers what is under way, and ends. */
  stop(): Promise<void>;
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/**
 * Serves the protocol at `/mcp`, without sessions: every request stands for itself, so that any of several agents can
 * answer it. `/healthz` answers 200 until the agent ends.
 *
 * @throws Error when the address cannot be listened on, or could be reached by others without a token.
 */
export async function listen(agent: Agent, { host, port, token }: HttpSettings, log: Log): Promise<Listening> {
  if (token === undefined && !isLoopback(host)) throw new Error(`without a token, only a loopback host, not ${host}`);
  if (token !== undefined) await readToken(token);
  let ending = false;
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      log("ERROR", "request failed", traceOf(error));
      refuse(response, 500, "internal error of the agent; its log has more");
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://agent");
    if (pathname === "/healthz") {
      reply(response, ending ? 503 : 200, { status: ending ? "ending" : "ok" });
      return;
    }
    if (pathname !== "/mcp") {
      refuse(response, 404, "there are /mcp and /healthz");
      return;
    }
    if (token === undefined && !isLocal(request)) {
      refuse(response, 403, "without a token, only programs of this machine may call, and no web pages");
      return;
    }
    if (token !== undefined && !isBearer(request.headers.authorization, await readToken(token))) {
      log("WARNING", "request refused", { status_code: 401 });
      refuse(response, 401, "a valid bearer token is required", { "www-authenticate": "Bearer" });
      return;
    }
    if (request.method !== "POST") {
      refuse(response, 405, "there are no sessions: only POST", { allow: "POST" });
      return;
    }
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true, maxRequestBodySize: MOST_BYTES });
    const connection = agent.connection();
    response.on("close", () => void connection.close());
    await connection.connect(transport);
    await transport.handleRequest(request, response);
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  log("INFO", "listening", { host, port: actual });
  return {
    port: actual,
    stop: () => {
      ending = true;
      return closed(server);
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Whether a request names this machine and comes from no web page: a page could have its own name point here. */
function isLocal({ headers }: IncomingMessage): boolean {
  const names = [`http://${headers.host ?? ""}`, ...(headers.origin === undefined ? [] : [headers.origin])];
  return names.every((name) => {
    const host = URL.canParse(name) ? new URL(name).hostname.replace(/^\[(.*)\]$/, "$1") : "";
    return isLoopback(host);
  });
}

function refuse(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  reply(response, code, { jsonrpc: "2.0", error: { code: -32000, message }, id: null }, headers);
}

function reply(response: ServerResponse, code: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
}
