import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { SuperclusterFacts } from "../../../components/nats/supercluster-facts";
import { membersOf } from "../../../components/nats/topology";
import { statusOfUrls } from "../../../operations/nats/live";
import type { NatsStatus } from "../../../operations/nats/status";
import { INDEPENDENT, QUORUM } from "../../components/nats/supercluster-plan";
import { waitFor } from "../support/wait";
import { describeSupercluster, superclusterPods, type Supercluster } from "./supercluster";

/*
 * What `noetl-ops nats status` says of real superclusters: gateways, leafnodes, a lost cluster, a full store.
 */

/** Looks until the status is as asked for. */
async function until(what: string, servers: Supercluster, asked: (status: NatsStatus) => boolean): Promise<NatsStatus> {
  let last: NatsStatus | undefined;
  return waitFor(what, async () => {
    last = await statusOfUrls(servers.pods.all.map(urlOf));
    return asked(last) ? last : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last status was ${JSON.stringify(last)}`);
  });
}

function urlOf({ ip }: { ip: string }): string {
  return `http://${ip}:8222`;
}

function unanswered(place: string): Record<string, unknown> {
  return {
    severity: "error",
    about: place,
    problem: `does not answer: connect ECONNREFUSED ${new URL(place).host}`,
    next: "look at the server behind it and its log",
  };
}

describeSupercluster("given a quorum of two clusters and a server that breaks ties, nats status", () => {
  let servers: Supercluster;

  beforeAll(async () => {
    servers = await superclusterPods(QUORUM);
    await servers.boot("a", "b", "c");
  });
  afterAll(() => servers.remove());

  it("sees every gateway, although only one server of a cluster has the one from the single server", async () => {
    const status = await until(
      "a healthy status",
      servers,
      ({ healthy, meta }) => healthy && meta.length === 1 && meta[0]?.servers === 7,
    );

    expect(status.servers.map(({ name, cluster, gateways }) => [name, cluster, gateways])).toEqual([
      ["nats-cluster-a-0", "a", ["b", "c"]],
      ["nats-cluster-a-1", "a", ["b", "c"]],
      ["nats-cluster-a-2", "a", ["b", "c"]],
      ["nats-cluster-b-0", "b", ["a", "c"]],
      ["nats-cluster-b-1", "b", ["a", "c"]],
      ["nats-cluster-b-2", "b", ["a", "c"]],
      ["nats-cluster-c-0", "c", ["a", "b"]],
    ]);
    expect([status.findings, status.meta]).toEqual([
      [],
      [{ servers: 7, quorum: 4, answering: 7, leader: expect.stringMatching(/^nats-cluster-[abc]-\d$/) }],
    ]);
    const fromC = await Promise.all(
      servers.of("a").map(async (pod) => {
        const { inbound_gateways: inbound } = await pod.monitor<{ inbound_gateways?: Record<string, unknown[]> }>(
          "/gatewayz",
        );
        return inbound?.c?.length ?? 0;
      }),
    );
    expect(fromC.sort()).toEqual([0, 0, 1]);
  });

  it("says in words that a cluster is lost", async () => {
    await servers.lose("c");
    const status = await until("the loss to be known", servers, ({ findings }) =>
      findings.some(({ about }) => about === "cluster c"),
    );

    expect(status.healthy).toBe(false);
    const [lost] = servers.of("c").map(urlOf);
    // Whether the meta leader knows already that the server is offline is a matter of time.
    expect(status.findings.filter(({ about }) => about !== "nats-cluster-c-0")).toEqual([
      unanswered(lost ?? ""),
      {
        severity: "error",
        about: "cluster c",
        problem: "is lost: none of its servers answers, and no gateway leads to it",
        next: "bring it back; the others go on while a majority of the meta group's servers runs",
      },
    ]);
  });
});

describeSupercluster("given two independent clusters of one server, nats status", () => {
  const SMALL: SuperclusterFacts = {
    ...INDEPENDENT,
    clusters: INDEPENDENT.clusters.map((cluster) => ({ ...cluster, replicas: 1 })),
    jetstream: { memory: "1Mi", file: "1Mi" },
  };
  const [domainOfA, domainOfB] = membersOf(SMALL).map(({ domain }) => domain);
  let servers: Supercluster;

  beforeAll(async () => {
    servers = await superclusterPods(SMALL);
    await servers.boot("a", "b");
  });
  afterAll(() => servers.remove());

  it("sees the leafnode link at both ends", async () => {
    const status = await until("the link", servers, ({ healthy, servers: all }) => healthy && all[0]?.leafnodes === 1);
    expect(status.servers).toMatchObject([
      { name: "nats-cluster-a-0", cluster: "", domain: domainOfA, gateways: [], leafnodes: 1 },
      { name: "nats-cluster-b-0", cluster: "", domain: domainOfB, gateways: [], leafnodes: 1 },
    ]);
    expect([status.meta, status.findings]).toEqual([[], []]);
  });

  it("compares what is stored with the limit, and warns in time", async () => {
    await servers.create("b", "FULL");
    const client = await servers.client("b");
    // Each message takes 22 bytes more, and its subject: 9 of them are 86 % of 1 Mi.
    for (let index = 0; index < 9; index += 1) await client.request("FULL", "x".repeat(100_000));

    const status = await until("the messages", servers, ({ streams }) => streams[0]?.messages === 9);
    expect(status.servers.map(({ fileUsed, fileLimit }) => [fileUsed, fileLimit])).toEqual([
      [0, 1048576],
      [status.streams[0]?.bytes, 1048576],
    ]);
    expect([status.healthy, status.findings]).toEqual([
      true,
      [
        {
          severity: "warning",
          about: "nats-cluster-b-0",
          problem: "its file store is 86 % full; at 100 % publishers are refused",
          next: "raise noetl:nats.jetstream and the volume, or shorten noetl:streams.maxAge",
        },
      ],
    ]);
  });

  it("says what the loss of the hub takes from the others", async () => {
    await servers.lose("a");
    const status = await until("the loss to be known", servers, ({ findings }) =>
      findings.some(({ problem }) => problem.includes("leafnode")),
    );
    const [lost] = servers.of("a").map(urlOf);
    expect(status.findings.filter(({ severity }) => severity === "error")).toEqual([
      unanswered(lost ?? ""),
      {
        severity: "error",
        about: "nats-cluster-b-0",
        problem:
          "has no leafnode link for account NOETL to nats-cluster-a.nats-supercluster.svc.cluster.local:7422; no message of it crosses",
        next: "check that the other cluster runs, and that its leafnode port can be reached from here; look for leafnode errors in the log",
      },
    ]);
  });
});
