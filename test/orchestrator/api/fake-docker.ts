import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What answers as a Docker Engine of two processors and 1 GiB that has no image: for what is decided before one is made. */
export class FakeDocker {
  /** It refuses whatever is asked. */
  refuses = false;
  /** What it says then. */
  refusal = "not for you";
  /** What it says of what it does not have. */
  missing = "no such thing";
  private readonly server: Server = createServer(({ url = "" }, response) => {
    const known = /\/(info|networks|containers\/json)$/.exec(url.split("?", 1)[0] ?? "")?.[1];
    const [status, body] = this.refuses
      ? [403, { message: this.refusal }]
      : known === undefined
        ? [404, { message: this.missing }]
        : [200, ANSWERS[known]];
    response.writeHead(status, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(body));
  });

  static async start(): Promise<FakeDocker> {
    const docker = new FakeDocker();
    await new Promise<void>((resolve) => docker.server.listen(0, "127.0.0.1", resolve));
    return docker;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const ANSWERS: Record<string, unknown> = {
  info: { NCPU: 2, MemTotal: 1024 ** 3 },
  networks: [{ Name: "lab", IPAM: { Config: [{ Subnet: "198.18.0.0/16" }] } }],
  "containers/json": [],
};
