import { describe, expect, test } from "@jest/globals";
import type { Answer, ServerReport } from "../../../operations/nats/monitoring";
import type { PlannedCluster } from "../../../operations/nats/plan";
import { deliveryEvidence } from "../../../operations/rigs/supercluster/delivery";
import { spentBudget } from "../../../operations/rigs/supercluster/drill";
import { linkEvidence, type SuperclusterLinks } from "../../../operations/rigs/supercluster/links";
import { report } from "../nats/monitored";

const planned = (name: string, servers: number, more: Partial<PlannedCluster> = {}): PlannedCluster => ({
  statefulSet: `nats-cluster-${name}`,
  namespace: "nats-supercluster",
  name,
  servers: Array.from({ length: servers }, (_, index) => `nats-cluster-${name}-${index}`),
  gateways: [],
  ...more,
});

/** Two clusters of three, a tie-breaker, and what its servers say when all is well. */
const QUORUM: SuperclusterLinks = {
  topology: "quorum",
  clusters: [
    planned("a", 3, { gateways: ["b", "c"] }),
    planned("b", 3, { gateways: ["a", "c"] }),
    planned("c", 1, { gateways: ["a", "b"] }),
  ],
};

function answersOf(
  links: SuperclusterLinks,
  change: (server: string, own: ServerReport) => Partial<ServerReport> | string = () => ({}),
) {
  return links.clusters.flatMap((cluster) =>
    cluster.servers.map((server, index): Answer => {
      const own = report(server, {
        varz: { server_name: server, version: "2.12.2", cluster: { name: cluster.name } },
        jsz: { memory: 0, storage: 0, meta_cluster: { leader: "nats-cluster-a-1", cluster_size: 7 } },
        routez: {
          routes: cluster.servers
            .filter((other) => other !== server)
            .flatMap((remote_name) => [{ remote_name }, { remote_name }]),
        },
        gatewayz: {
          outbound_gateways: Object.fromEntries(cluster.gateways.map((peer) => [peer, {}])),
          // The first server of a cluster has them all.
          inbound_gateways: index === 0 ? Object.fromEntries(cluster.gateways.map((peer) => [peer, [{}]])) : {},
        },
      });
      const changed = change(server, own);
      return {
        place: `nats-supercluster/${server}`,
        report: typeof changed === "string" ? changed : { ...own, ...changed },
      };
    }),
  );
}

const wrong = (links: SuperclusterLinks, answers: Answer[]) =>
  linkEvidence(links, answers)
    .filter(({ ok }) => !ok)
    .map(({ what, expected, seen }) => `${what}: ${expected}, not ${seen}`);

describe("the links of a supercluster", () => {
  test("given servers that say what is planned, then each is stated, with what was seen", () => {
    const evidence = linkEvidence(QUORUM, answersOf(QUORUM));
    expect(evidence.every(({ ok }) => ok)).toBe(true);
    expect(evidence.map(({ what, seen }) => `${what}: ${seen}`)).toEqual([
      ...["a", "b"].flatMap((name) =>
        [0, 1, 2].flatMap((index) => {
          const server = `nats-cluster-${name}-${index}`;
          const others = [0, 1, 2].filter((other) => other !== index).map((other) => `nats-cluster-${name}-${other}`);
          return [
            `name and cluster of ${server}: ${name}, ${server}`,
            `routes of ${server}: ${others.join(", ")}`,
            `gateways out of ${server}: ${name === "a" ? "b" : "a"}, c`,
          ];
        }),
      ),
      "name and cluster of nats-cluster-c-0: c, nats-cluster-c-0",
      "gateways out of nats-cluster-c-0: a, b",
      "gateways into cluster a: b, c",
      "gateways into cluster b: a, c",
      "gateways into cluster c: a, b",
      "meta leader of clusters a, b, c: nats-cluster-a-1",
      "servers in the meta group of clusters a, b, c: 7",
    ]);
  });

  test.each<[string, (server: string, own: ServerReport) => Partial<ServerReport> | string, string[]]>([
    [
      "a server that does not answer",
      (server) => (server === "nats-cluster-c-0" ? "connection refused" : {}),
      ["server nats-cluster-c-0: answers, not connection refused", "gateways into cluster c: a, b, not none"],
    ],
    [
      "a server that was never told of a cluster",
      (server) => (server === "nats-cluster-b-2" ? { gatewayz: { outbound_gateways: { c: {} } } } : {}),
      ["gateways out of nats-cluster-b-2: a, c, not c"],
    ],
    [
      "a gateway that comes from nowhere",
      (server, { gatewayz }) =>
        server === "nats-cluster-a-0" ? { gatewayz: { ...gatewayz, inbound_gateways: { b: [{}], c: [] } } } : {},
      ["gateways into cluster a: b, c, not b"],
    ],
    [
      "a route that is missing",
      (server) => (server === "nats-cluster-a-1" ? { routez: { routes: [{ remote_name: "nats-cluster-a-0" }] } } : {}),
      ["routes of nats-cluster-a-1: nats-cluster-a-0, nats-cluster-a-2, not nats-cluster-a-0"],
    ],
    [
      "two leaders",
      (server, { jsz }) =>
        server.includes("-b-")
          ? { jsz: { ...jsz, meta_cluster: { leader: "nats-cluster-b-0", cluster_size: 7 } } }
          : {},
      ["meta leader of clusters a, b, c: one of its servers, not nats-cluster-a-1, nats-cluster-b-0"],
    ],
    [
      "a leader of another deployment, and a group that is too large",
      (_, { jsz }) => ({ jsz: { ...jsz, meta_cluster: { leader: "nats-0", cluster_size: 8 } } }),
      [
        "meta leader of clusters a, b, c: one of its servers, not nats-0",
        "servers in the meta group of clusters a, b, c: 7, not 8",
      ],
    ],
    [
      "no leader",
      (_, { jsz }) => ({ jsz: { ...jsz, meta_cluster: { cluster_size: 7 } } }),
      ["meta leader of clusters a, b, c: one of its servers, not none"],
    ],
    [
      "a server under the address of another one",
      (server, { varz }) => (server === "nats-cluster-c-0" ? { varz: { ...varz, server_name: "nats-0" } } : {}),
      ["name and cluster of nats-cluster-c-0: c, nats-cluster-c-0, not c, nats-0"],
    ],
  ])("given %s, then it is told", (_, change, told) => {
    expect(wrong(QUORUM, answersOf(QUORUM, change))).toEqual(told);
  });

  test("given leafnodes, then each account must have its link, and each cluster a leader of its own", () => {
    const links: SuperclusterLinks = {
      topology: "independent",
      clusters: [
        planned("a", 3),
        planned("b", 1, { leafnodes: { hub: "nats-cluster-a", accounts: ["NOETL", "ACME"] } }),
      ],
    };
    const answers = answersOf(links, (server, { varz, jsz }) =>
      server.includes("-b-")
        ? {
            varz: { ...varz, cluster: {} },
            leafz: { leafs: [{ is_spoke: true, account: "NOETL" }, { account: "ACME" }] },
          }
        : { jsz: { ...jsz, meta_cluster: { leader: "nats-cluster-a-1", cluster_size: 3 } } },
    );
    expect(wrong(links, answers)).toEqual([
      "leafnode links of nats-cluster-b-0 to nats-cluster-a: ACME, NOETL, not NOETL",
    ]);
  });
});

describe("the drill", () => {
  const published = [1, 2, 3, 4].map((number) => ({ number, milliseconds: number === 3 ? 4100 : 2 }));
  const stored = (...numbers: number[]) => numbers.map((number, index) => ({ sequence: index + 1, number }));
  const seen = (...numbers: number[]) =>
    deliveryEvidence(published, stored(...numbers), [3]).map(
      (evidence) => `${evidence.ok ? "ok" : "wrong"}: ${evidence.seen}`,
    );

  test("given every message once, then all is well", () => {
    expect(seen(1, 2, 3, 4)).toEqual(["ok: 1", "ok: all 4", "ok: none", "ok: as published; the slowest took 4.1 s"]);
  });

  test.each<[string, number[], string[]]>([
    ["a message that is lost", [1, 2, 4], ["ok: 1", "wrong: all but 3", "ok: none"]],
    ["one that is there twice", [1, 2, 3, 3, 4], ["ok: 1", "ok: all 4", "wrong: 3"]],
    ["another order", [1, 3, 2, 4], ["ok: 1", "ok: all 4", "ok: none", "wrong: another"]],
    ["none at all", [], ["ok: 1", "wrong: all but 1, 2, 3, 4", "ok: none"]],
  ])("given %s, then it is told", (_, numbers, told) => {
    expect(seen(...numbers).slice(0, told.length)).toEqual(told);
  });

  test("given no message while the server was away, then nothing is proven", () => {
    expect(deliveryEvidence(published, stored(1, 2, 3, 4), [])[0]).toMatchObject({ seen: "0", ok: false });
  });

  const budget = (app: string, disruptionsAllowed: number) => ({
    metadata: { name: app },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 2, desiredHealthy: 2 },
  });

  test("given a budget that allows it, then a pod may go; without one, or with one that is used up, it may not", () => {
    expect(spentBudget([budget("nats-cluster-b", 0), budget("nats-cluster-a", 1)], "nats-cluster-a")).toBeUndefined();
    expect(spentBudget([budget("nats-cluster-b", 1)], "nats-cluster-a")).toBe(
      "no disruption budget is about the pods of StatefulSet nats-cluster-a",
    );
    expect(spentBudget([budget("nats-cluster-a", 0)], "nats-cluster-a")).toBe(
      "PodDisruptionBudget nats-cluster-a allows no disruption now: 2 pods are healthy, 2 must be",
    );
  });
});
