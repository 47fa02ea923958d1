import { describe, expect, test } from "@jest/globals";
import { formatStatus } from "../../../operations/nats/format-status";
import type { Answer, ServerReport } from "../../../operations/nats/monitoring";
import { natsStatus } from "../../../operations/nats/status";
import { plain } from "../../../preview/style";
import { cluster, report } from "./monitored";

const member = (name: string, peers: string[], more: Partial<ServerReport> = {}): Answer => {
  const own = report(`${name}-0`, { routez: {}, ...more });
  const gateway = { name, gateways: [name, ...peers].map((peer) => ({ name: peer })) };
  return { place: `nats/${name}-0`, report: { ...own, varz: { ...own.varz, cluster: { name }, gateway } } };
};

const voting = (leader?: string): Partial<ServerReport> => ({
  jsz: { memory: 0, storage: 0, meta_cluster: { cluster_size: 3, ...(leader !== undefined && { leader }) } },
});

describe("nats status", () => {
  test("given three servers that are well, says so", () => {
    expect(formatStatus(natsStatus(cluster()), plain)).toBe(
      [
        "servers  healthy",
        "  ✓ nats-0  2.15.2 · cluster nats · 2 routes · file 0 of 5Gi · memory 0 of 1Gi",
        "  ✓ nats-1  2.15.2 · cluster nats · 2 routes · file 0 of 5Gi · memory 0 of 1Gi",
        "  ✓ nats-2  2.15.2 · cluster nats · 2 routes · file 0 of 5Gi · memory 0 of 1Gi",
        "  meta group of 3, majority 2: leader nats-0",
        "",
      ].join("\n"),
    );
  });

  test("given a pod that cannot be asked, names the commands that look at it", () => {
    const { healthy, findings } = natsStatus([...cluster().slice(0, 2), { place: "nats/nats-2", report: "refused" }]);
    expect([healthy, findings]).toEqual([
      false,
      [
        {
          severity: "error",
          about: "nats/nats-2",
          problem: "does not answer: refused",
          next: "kubectl -n nats describe pod nats-2; kubectl -n nats logs nats-2 --previous",
        },
      ],
    ]);
  });

  test("given gateways, tells a missing way out from a cluster that is lost", () => {
    const inbound = (...names: string[]) => Object.fromEntries(names.map((name) => [name, [{}]]));
    const a = member("a", ["b", "c"], {
      ...voting("a-0"),
      gatewayz: { outbound_gateways: {}, inbound_gateways: inbound("b") },
    });
    const b = member("b", ["a", "c"], {
      ...voting("a-0"),
      gatewayz: { outbound_gateways: { a: {} }, inbound_gateways: {} },
    });
    expect(natsStatus([a, b]).findings.map(({ about, problem }) => `${about} ${problem}`)).toEqual([
      "cluster c is lost: none of its servers answers, and no gateway leads to it",
      "a-0 has no gateway to cluster b",
      "cluster b none of its servers has a gateway coming in from cluster a",
    ]);
  });

  test("given two groups, misses no leader in one because the other has its own", () => {
    const [a, b] = [member("a", [], voting("a-0")), member("b", [], voting())];
    expect(natsStatus([a, b]).meta).toEqual([
      { servers: 3, quorum: 2, answering: 1, leader: "a-0" },
      { servers: 3, quorum: 2, answering: 1 },
    ]);
    expect(natsStatus([a, b]).findings.map(({ problem }) => problem)).toEqual([
      "has no meta leader: 1 of 3 servers answer, 2 must; streams and consumers cannot be made or changed",
    ]);
  });

  test("given clusters joined by gateways, a leader of one is the leader of all", () => {
    const gatewayz = { outbound_gateways: { a: {}, b: {} }, inbound_gateways: { a: [{}], b: [{}] } };
    const status = natsStatus([
      member("a", ["b"], { ...voting("b-0"), gatewayz }),
      member("b", ["a"], { ...voting("b-0"), gatewayz }),
    ]);
    expect([status.meta, status.findings]).toEqual([[{ servers: 3, quorum: 2, answering: 2, leader: "b-0" }], []]);
  });

  test("given leafnodes, names the account whose link is missing", () => {
    const own = report("b-0", {
      leafz: { leafs: [{ name: "a-0", account: "NOETL", is_spoke: true }] },
      routez: {},
    });
    const remotes = ["NOETL", "ACME"].map((account) => ({ local_account: account, urls: ["hub:7422"] }));
    const varz = { server_name: "b-0", version: "2.15.2", leaf: { remotes } };
    const status = natsStatus([{ place: "nats/b-0", report: { ...own, varz } }]);
    expect([status.servers[0]?.leafnodes, status.findings.map(({ problem }) => problem)]).toEqual([
      1,
      ["has no leafnode link for account ACME to hub:7422; no message of it crosses"],
    ]);
  });

  test.each([
    [79, []],
    [80, [["warning", "its file store is 80 % full; at 100 % publishers are refused"]]],
    [94, [["warning", "its file store is 94 % full; at 100 % publishers are refused"]]],
    [95, [["error", "its file store is 95 % full; at 100 % publishers are refused"]]],
  ])("given a store that is %i %% full, finds %j", (storage, expected) => {
    const jsz = { config: { max_memory: 100, max_storage: 100 }, memory: 0, storage };
    const { findings } = natsStatus([{ place: "u", report: report("nats-0", { jsz, routez: {} }) }]);
    expect(findings.map(({ severity, problem }) => [severity, problem])).toEqual(expected);
  });
});
