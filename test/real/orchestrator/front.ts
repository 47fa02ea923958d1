import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** An address that stays while what is behind it comes and goes, as a Service of Kubernetes is. */
export class Front {
  private behind: number | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Front> {
    const server = createServer();
    const front = new Front(server);
    server.on("connection", (socket) => {
      front.join(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param url Undefined: nothing is behind it, and who connects is sent away. */
  lead(url: string | undefined): void {
    this.behind = url === undefined ? undefined : Number(new URL(url).port);
    this.cut();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private join(socket: Socket): void {
    const ends = [socket, ...(this.behind === undefined ? [] : [connect(this.behind, "127.0.0.1")])];
    for (const end of ends) {
      this.sockets.add(end);
      end.on("error", () => undefined);
      end.once("close", () => {
        this.sockets.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    const [, service] = ends;
    if (service) socket.pipe(service).pipe(socket);
    else socket.destroy();
  }
}
