import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What somebody was told. */
export interface Told {
  path: string;
  body: unknown;
}

/** Stands for PagerDuty and Slack: takes whatever it is told. */
export class Webhook {
  readonly told: Told[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Webhook> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const webhook = new Webhook(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        webhook.told.push({ path: request.url ?? "", body: JSON.parse(text) });
        // What PagerDuty answers; Slack answers `ok`, and the Alertmanager wants no more than the status.
        response.writeHead(202).end(JSON.stringify({ status: "success", message: "", dedup_key: "" }));
      });
    });
    return webhook;
  }

  /** Everything that a path was told, as JSON text. */
  texts(path: string): string[] {
    return this.told.filter((one) => one.path === path).map(({ body }) => JSON.stringify(body));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
