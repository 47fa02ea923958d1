import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Metrics by their text before the value: `noetl_worker_pulls_total{outcome="ok"}`. */
export type Played = Record<string, number>;

/** Plays the platform's metrics: each path is a process, which is away while nothing is played for it. */
export class Exporter {
  /** What each path shows now. */
  readonly plays = new Map<string, Played>();

  private constructor(
    private readonly server: Server,
    /** `127.0.0.1:PORT`. */
    readonly address: string,
  ) {}

  static async start(): Promise<Exporter> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const exporter = new Exporter(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", ({ url = "" }, response) => {
      const played = exporter.plays.get(url);
      if (!played) {
        response.writeHead(503).end();
        return;
      }
      const lines = Object.entries(played).map(([series, value]) => `${series} ${value}\n`);
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(lines.join(""));
    });
    return exporter;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
