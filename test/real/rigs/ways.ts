import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { Forward } from "../../../operations/cluster/kube";
import type { Address } from "../contract/place";

/**
 * Ways to ports of pods that a test runs as processes here: what a port-forward is to a real pod. Ports of other pods
 * answer nothing, as where no kubelet is.
 */
export class Ways {
  readonly #targets = new Map<string, () => Address | undefined>();
  readonly #servers = new Set<Server>();
  #otherwise: (namespace: string, pod: string) => Address | undefined = () => undefined;

  /** Says what is behind a port of a pod. @param target undefined while nothing listens */
  lead(namespace: string, pod: string, port: number, target: () => Address | undefined): void {
    this.#targets.set(`${namespace}/${pod}:${port}`, target);
  }

  /** Says what is behind ports of pods whose names are not known before. */
  otherwise(target: (namespace: string, pod: string) => Address | undefined): void {
    this.#otherwise = target;
  }

  async forward(namespace: string, pod: string, port: number): Promise<Forward> {
    const sockets = new Set<Socket>();
    let problem: string | undefined;
    const server = createServer((socket) => {
      sockets.add(socket);
      const end = (): void => {
        socket.destroy();
      };
      socket.on("error", end).on("close", () => sockets.delete(socket));
      const target = this.#targets.get(`${namespace}/${pod}:${port}`)?.() ?? this.#otherwise(namespace, pod);
      if (target === undefined) {
        problem = "port-forward: nothing listens there";
        end();
        return;
      }
      const there = connect(target);
      sockets.add(there);
      there.on("error", end).on("close", end);
      socket.on("close", () => there.destroy());
      socket.pipe(there).pipe(socket);
    });
    this.#servers.add(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const local = (server.address() as AddressInfo).port;
    const close = (): void => {
      server.close();
      this.#servers.delete(server);
      for (const socket of sockets) socket.destroy();
    };
    return { url: `http://127.0.0.1:${local}`, port: local, problem: () => problem, close };
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }
}
