import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiContext } from "./context";
import { listening, type Address } from "./listen";
import type { Reply } from "./route";
import { healthReply } from "./routes/service";

/** Who knows how the service is. */
export interface StatusSource {
  contentType: string;
  metrics(): Promise<string>;
  health(): Promise<Reply>;
  /** Why the process should start anew, if it should. */
  broken(): string | undefined;
  isReady(): boolean;
}

export function statusOf(context: ApiContext): StatusSource {
  const { metrics, storage, isStopping } = context;
  return {
    contentType: metrics.contentType,
    metrics: async () => metrics.text(),
    health: async () => healthReply(context),
    broken: () => {
      const { state, reason = state } = storage.health();
      return state === "broken" ? reason : undefined;
    },
    isReady: () => !isStopping(),
  };
}

/**
 * What a cluster asks of the service, on a port of its own: probes and Prometheus have no tokens. It tells no names of
 * tasks, stacks or people; let nobody else reach it all the same.
 *
 * `/health/live` is about this process: 503 only where a new start would help. `/health/ready` is about requests: 503
 * while it stops. Neither is `/health`, which is about new tasks: whoever drains a service must reach it to resume it.
 */
export class StatusServer {
  private constructor(private readonly server: Server) {}

  /** @throws UserError for an address that cannot be had */
  static async listen(source: StatusSource, address: Address): Promise<StatusServer> {
    const server = createServer((request, response) => {
      const path = request.url?.split("?", 1)[0] ?? "";
      answer(source, path, response).catch(() => {
        response.writeHead(500).end();
      });
    });
    await listening(server, address, "--status-port");
    return new StatusServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function answer(source: StatusSource, path: string, response: ServerResponse): Promise<void> {
  if (path === "/metrics") {
    response.writeHead(200, { "content-type": source.contentType }).end(await source.metrics());
  } else if (path === "/health") {
    const { status, body } = await source.health();
    send(response, status, body);
  } else if (path === "/health/live") {
    const reason = source.broken();
    send(response, reason === undefined ? 200 : 503, { live: reason === undefined, reason });
  } else if (path === "/health/ready") {
    const ready = source.isReady();
    send(response, ready ? 200 : 503, { ready });
  } else {
    send(response, 404, { paths: ["/health", "/health/live", "/health/ready", "/metrics"] });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
