import { describe, expect, test } from "@jest/globals";
import type { Json } from "../../../preview/graph";
import { impactBetween } from "../../../preview/impact";
import { graph, resource } from "../support";

const NAMES = { stack: "gke", before: "before", after: "after" };

function impacts(type: string, before: Record<string, Json>, after: Record<string, Json>): string[][] {
  const { resources } = impactBetween(graph(resource(type, "one", before)), graph(resource(type, "one", after)), NAMES);
  return resources.map(({ effects }) => effects.map(({ impact }) => impact));
}

describe("given a resource of Google Cloud", () => {
  const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";
  const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";

  test.each<[string, string, Record<string, Json>, Record<string, Json>, string[]]>([
    ["an instance moves", INSTANCE, { region: "a" }, { region: "b" }, ["data-at-risk", "replace"]],
    ["an instance gets another tier", INSTANCE, { settings: { tier: "a" } }, { settings: { tier: "b" } }, ["update"]],
    ["its disk grows", INSTANCE, { settings: { diskSize: 10 } }, { settings: { diskSize: 20 } }, ["update"]],
    [
      "its disk shrinks",
      INSTANCE,
      { settings: { diskSize: 20 } },
      { settings: { diskSize: 10 } },
      ["data-at-risk", "replace"],
    ],
    ["a subnetwork grows", SUBNETWORK, { ipCidrRange: "10.1.0.0/20" }, { ipCidrRange: "10.1.0.0/16" }, ["update"]],
    ["a subnetwork shrinks", SUBNETWORK, { ipCidrRange: "10.1.0.0/16" }, { ipCidrRange: "10.1.0.0/20" }, ["replace"]],
    ["a subnetwork moves", SUBNETWORK, { ipCidrRange: "10.1.0.0/16" }, { ipCidrRange: "10.2.0.0/16" }, ["replace"]],
    [
      "a cluster gets other ranges",
      "gcp:container/cluster:Cluster",
      { ipAllocationPolicy: { clusterSecondaryRangeName: "a" } },
      { ipAllocationPolicy: { clusterSecondaryRangeName: "b" } },
      ["data-at-risk", "replace"],
    ],
    [
      "nodes become spot ones",
      "gcp:container/nodePool:NodePool",
      { nodeConfig: { spot: false } },
      { nodeConfig: { spot: true } },
      ["replace"],
    ],
    ["a grant changes", "gcp:projects/iAMMember:IAMMember", { role: "a" }, { role: "b" }, ["replace"]],
    ["a release changes", "kubernetes:helm.sh/v3:Release", { version: "1" }, { version: "2" }, ["update"]],
  ])("when %s, then that is what is told", (_what, type, before, after, expected) => {
    expect(impacts(type, before, after)).toStrictEqual([expected]);
  });
});
