import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A way through TCP to a port of this machine that can be cut, and mended. */
export class Cuttable {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(private readonly server: Server) {}

  /** @param to port, or what tells it by then. */
  static async to(to: number | (() => number)): Promise<Cuttable> {
    const server = createServer();
    const way = new Cuttable(server);
    server.on("connection", (near) => {
      if (way.isCut) {
        near.destroy();
        return;
      }
      const far = connect(typeof to === "number" ? to : to(), "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        way.sockets.add(one);
        one.pipe(other);
        one.on("error", () => undefined);
        one.once("close", () => {
          way.sockets.delete(one);
          other.destroy();
        });
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return way;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Breaks what is open, and takes nothing until it is mended. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
