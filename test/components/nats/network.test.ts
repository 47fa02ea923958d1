import { describe, expect, it } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import { networkPolicy } from "../../../components/nats/network";
import { FACTS } from "./facts";

const NEIGHBOURS = { podSelector: {} };
const SERVERS = { podSelector: { matchLabels: { app: "nats" } } };

/** Port → who may reach it; `all` for everybody. */
function reach(changes: Partial<NatsFacts>): Record<number, unknown> {
  const { spec } = networkPolicy({ ...FACTS, nodePorts: undefined, ...changes }) as {
    spec: { ingress: { ports: { port: number; protocol: string }[]; from?: unknown }[] };
  };
  return Object.fromEntries(
    spec.ingress.flatMap(({ ports, from }) => ports.map(({ port }) => [port, from ?? "all"] as const)),
  );
}

describe("the network policy of NATS", () => {
  it("given one cluster, then clients come from everywhere, and servers and monitoring do not", () => {
    expect(reach({})).toEqual({ 4222: "all", 8222: [NEIGHBOURS], 6222: [SERVERS] });
  });

  it("selects the servers, for what comes in only", () => {
    expect(networkPolicy(FACTS).spec).toMatchObject({
      podSelector: { matchLabels: { app: "nats" } },
      policyTypes: ["Ingress"],
    });
  });

  it("given monitors, then their pods and no other of their namespace reach the monitoring port", () => {
    expect(reach({ monitors: [{ namespace: "keda", app: "keda-operator" }] })[8222]).toEqual([
      NEIGHBOURS,
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "keda" } },
        podSelector: { matchLabels: { app: "keda-operator" } },
      },
    ]);
  });

  it("given a node port for monitoring, then it is open", () => {
    expect(reach({ nodePorts: { client: 30422, monitoring: 30822 } })[8222]).toBe("all");
  });

  it("given gateways, leaf nodes and an exporter, then each has its port", () => {
    const more = reach({
      exporterImage: "exporter",
      gateway: { peers: [], port: 7522 },
      leafnodes: { listen: true, remotes: [] },
    });
    expect(more).toMatchObject({ 7777: "all", 7422: "all", 7522: [NEIGHBOURS] });
  });

  it("given leaf nodes that only connect elsewhere, then no port is open for them", () => {
    expect(reach({ leafnodes: { listen: false, remotes: [] } })).not.toHaveProperty("7422");
  });
});
