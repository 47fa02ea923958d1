import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP proxy that knows hosts of the cluster's network: what DNS and routes are there. */
export interface ClusterNetwork {
  /** URL of the proxy. */
  url: string;
  close(): void;
}

/**
 * Leads clients that honour HTTP_PROXY to where a Service of the cluster would, so that they can be given the very
 * host names that the platform renders.
 *
 * @param hosts `name:port` → `address:port`
 */
export async function clusterNetwork(hosts: Readonly<Record<string, string>>): Promise<ClusterNetwork> {
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "", "http://unknown");
    const target = hosts[url.host];
    const fail = (status: number): void => {
      outgoing.writeHead(status).end();
    };
    if (target === undefined) {
      fail(404);
      return;
    }
    const [host = "", port = ""] = target.split(":");
    const forwarded = request(
      { host, port, path: `${url.pathname}${url.search}`, method: incoming.method },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    // A client must see a connection that breaks, as it would without a proxy.
    forwarded.on("error", () => {
      incoming.socket.destroy();
    });
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
