import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type ClusterPlan,
  fatalLosses,
  majority,
  membersOf,
  metaGroups,
  stoppedBy,
  survivableServers,
  type Topology,
  type Voters,
} from "../../../components/nats/topology";

/** Clusters a, b, c, … of these sizes. */
function sized(...sizes: number[]): Voters[] {
  return sizes.map((replicas, index) => ({ name: String.fromCharCode(97 + index), replicas }));
}

describe("majorities", () => {
  test.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [6, 4, 2],
    [7, 4, 3],
  ])("given %s servers, then %s must be up and %s may be lost", (servers, quorum, spare) => {
    expect([majority(servers), survivableServers(servers)]).toEqual([quorum, spare]);
  });
});

describe("meta groups", () => {
  test.each(["reference", "quorum"] as const)("given %s, then all clusters are one group", (topology) => {
    expect(metaGroups(topology, sized(3, 3))).toEqual([{ clusters: ["a", "b"], servers: 6, quorum: 4 }]);
  });

  test("given independent clusters, then each is a group", () => {
    expect(metaGroups("independent", sized(3, 1))).toEqual([
      { clusters: ["a"], servers: 3, quorum: 2 },
      { clusters: ["b"], servers: 1, quorum: 1 },
    ]);
  });
});

describe("losses", () => {
  test.each<[Topology, number[], string[]]>([
    ["reference", [3, 3], ["a", "b"]],
    ["reference", [1, 1], ["a", "b"]],
    ["reference", [5, 3], ["a"]],
    ["quorum", [3, 3, 1], []],
    ["quorum", [1, 1, 1], []],
    ["quorum", [3, 3, 3], []],
    ["quorum", [5, 3, 1], ["a"]],
    ["independent", [3, 3], []],
    ["independent", [1], []],
  ])("given %s of %j, when any one cluster is lost, then the loss of %j stops another", (topology, sizes, fatal) => {
    expect(fatalLosses(topology, sized(...sizes))).toEqual(fatal);
  });

  test("given two of three clusters lost, then the third stops unless it is independent", () => {
    expect(stoppedBy("quorum", sized(3, 3, 1), ["a", "c"])).toEqual(["b"]);
    expect(stoppedBy("independent", sized(3, 3, 1), ["a", "c"])).toEqual([]);
  });

  test("given two clusters of whatever size under one group, then one of them is always fatal", () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(fc.property(size, size, (a, b) => fatalLosses("reference", sized(a, b)).length > 0));
  });

  test("given at least three equal clusters, then none is fatal", () => {
    const clusters = fc.tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(clusters, ([count, size]) => {
        expect(fatalLosses("quorum", sized(...Array<number>(count).fill(size)))).toEqual([]);
      }),
    );
  });
});

describe("members", () => {
  const clusters: ClusterPlan[] = [
    { name: "a", region: "us-east-1", replicas: 3 },
    { name: "b", region: "us-west-2", zone: "us-west-2a", replicas: 3 },
    { name: "c", region: "eu-west-1", replicas: 1 },
  ];
  const tenancy = { tenant: "default", org: "default" };

  test("given the reference, then gateways lead to the other cluster and each has the domain of its URN", () => {
    expect(membersOf({ ...tenancy, topology: "reference", clusters: clusters.slice(0, 2) })).toEqual([
      {
        name: "a",
        region: "us-east-1",
        replicas: 3,
        urn: "noetl://tenant/default/org/default/region/us-east-1/cluster/a",
        domain: "tenant_default_org_default_region_us_east_1_cluster_a",
        gateways: ["b"],
      },
      {
        name: "b",
        region: "us-west-2",
        zone: "us-west-2a",
        replicas: 3,
        urn: "noetl://tenant/default/org/default/region/us-west-2/cluster/b",
        domain: "tenant_default_org_default_region_us_west_2_cluster_b",
        gateways: ["a"],
      },
    ]);
  });

  test("given a quorum, then all have one domain, and gateways to all others", () => {
    const members = membersOf({ ...tenancy, topology: "quorum", clusters });
    expect(members.map(({ domain, gateways, leaf }) => ({ domain, gateways, leaf }))).toEqual([
      { domain: "tenant_default_org_default", gateways: ["b", "c"], leaf: undefined },
      { domain: "tenant_default_org_default", gateways: ["a", "c"], leaf: undefined },
      { domain: "tenant_default_org_default", gateways: ["a", "b"], leaf: undefined },
    ]);
  });

  test("given domains of their own, then clusters have those", () => {
    const named = clusters.map((cluster) => ({ ...cluster, domain: "one" }));
    for (const topology of ["reference", "quorum", "independent"] as const) {
      const members = membersOf({ ...tenancy, topology, clusters: named });
      expect(members.map(({ domain }) => domain)).toEqual(["one", "one", "one"]);
    }
  });

  test("given independent clusters, then all connect to the hub and nobody has gateways", () => {
    const star = (hub?: string) =>
      membersOf({ ...tenancy, topology: "independent", clusters, hub }).map(({ gateways, leaf }) => [gateways, leaf]);
    expect(star()).toEqual([
      [[], { role: "hub" }],
      [[], { role: "spoke", hub: "a" }],
      [[], { role: "spoke", hub: "a" }],
    ]);
    expect(star("b")).toEqual([
      [[], { role: "spoke", hub: "b" }],
      [[], { role: "hub" }],
      [[], { role: "spoke", hub: "b" }],
    ]);
  });

  test("given a cluster alone, then it is nobody's hub", () => {
    const members = membersOf({ ...tenancy, topology: "independent", clusters: clusters.slice(0, 1) });
    expect(members.map(({ leaf }) => leaf)).toEqual([undefined]);
  });
});
