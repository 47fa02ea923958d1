import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answer, ServerReport } from "../../../operations/nats/monitoring";

/** The answers of nats-server 2.15.2 of a cluster of three, shortened to what is read; to be changed by tests. */
export function report(name: string, more: Partial<ServerReport> = {}): ServerReport {
  const others = ["nats-0", "nats-1", "nats-2"].filter((other) => other !== name);
  return {
    varz: { server_name: name, version: "2.15.2", cluster: { name: "nats" } },
    jsz: {
      config: { max_memory: 1024 ** 3, max_storage: 5 * 1024 ** 3 },
      memory: 0,
      storage: 0,
      meta_cluster: {
        leader: "nats-0",
        cluster_size: 3,
        ...(name === "nats-0" && { replicas: others.map((other) => ({ name: other, current: true })) }),
      },
    },
    // A pair has several routes.
    routez: { routes: others.flatMap((other) => [{ remote_name: other }, { remote_name: other }]) },
    gatewayz: {},
    leafz: { leafs: [] },
    health: "ok",
    ...more,
  };
}

/** Three such servers, as they were asked. */
export function cluster(): Answer[] {
  return ["nats-0", "nats-1", "nats-2"].map((name) => ({ place: `nats/${name}`, report: report(name) }));
}

/** A monitoring endpoint that answers so. */
export async function endpoint({ health, ...answers }: ServerReport): Promise<{ url: string; server: Server }> {
  const all: Record<string, unknown> = { ...answers, healthz: { status: health } };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    response.end(JSON.stringify(all[pathname.slice(1)]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
