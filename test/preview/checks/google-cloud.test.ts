import { describe, expect, test } from "@jest/globals";
import { CHECKS, checkContext, checksOf, runChecks, whyNot } from "../../../preview/checks";
import { cloudSqlConnections, explainInstances } from "../../../preview/checks/cloud-sql-connections";
import { deletionProtection } from "../../../preview/checks/deletion-protection";
import { gcpRanges } from "../../../preview/checks/gcp-ranges";
import { gcpRegions } from "../../../preview/checks/gcp-regions";
import type { Json } from "../../../preview/graph";
import { config, findingsOf, graph, resource, workload, type Node } from "../support";

const GCP = { project: "noetl-production", region: "us-central1" };
const BASE = { profile: "gke", gcp: { ...GCP, layer: "infrastructure" }, postgres: { mode: "cloudSql" } };
const PLATFORM = { profile: "gke", gcp: GCP, postgres: { mode: "cloudSql" }, pgbouncer: {} };
const POOLED = { ...BASE, pgbouncer: {} };

const LOCKED = { protect: true, retainOnDelete: true };
const urn = (type: string, name: string) => `urn:pulumi:kind::noetl::${type}::${name}`;
const CLUSTER = "gcp:container/cluster:Cluster";
const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";
const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";
const ADDRESS = "gcp:compute/globalAddress:GlobalAddress";
const FIRESTORE = "gcp:firestore/database:Database";

const cluster = (inputs: Record<string, Json> = {}, options = LOCKED) =>
  resource(CLUSTER, "cluster", { location: "us-central1", deletionProtection: true, ...inputs }, options);

function instance(tier: string, flags: Record<string, string> = {}, inputs: Record<string, Json> = {}): Node {
  const databaseFlags = Object.entries(flags).map(([name, value]) => ({ name, value }));
  const settings = { tier, databaseFlags, deletionProtectionEnabled: true };
  return resource(
    INSTANCE,
    "database",
    { region: "us-central1", deletionProtection: true, settings, ...inputs },
    LOCKED,
  );
}

function network(ranges: { nodes?: string; pods?: string; peering?: [address: string, prefixLength: number] }): Node[] {
  const { nodes = "10.10.0.0/20", pods = "10.20.0.0/16", peering = ["10.40.0.0", 16] } = ranges;
  const [address, prefixLength] = peering;
  const secondaryIpRanges = [
    { rangeName: "pods", ipCidrRange: pods },
    { rangeName: "services", ipCidrRange: "10.30.0.0/20" },
  ];
  return [
    resource(SUBNETWORK, "network", { region: "us-central1", ipCidrRange: nodes, secondaryIpRanges }),
    resource(ADDRESS, "peering", { purpose: "VPC_PEERING", address, prefixLength }),
    resource(ADDRESS, "gateway", { addressType: "EXTERNAL" }),
  ];
}

describe("which checks are asked", () => {
  const scopes = (settings: Record<string, unknown>) => checksOf({ config: config(settings) }).map(({ id }) => id);

  test("given the infrastructure, then those of Google Cloud alone, and of each other it is told why not", () => {
    expect(scopes(BASE)).toEqual([
      ...["gcp-regions", "gcp-ranges", "cloud-sql-connections", "deletion-protection"],
      ...["secret-access", "secret-entries"],
    ]);
    const others = CHECKS.filter(({ scope = "kubernetes" }) => scope === "kubernetes");
    expect(others.map((check) => whyNot(check, config(BASE)))).toEqual(
      others.map(() => "this stack makes nothing in Kubernetes"),
    );
  });

  test("given a platform on Google Cloud, then what the other stack makes is not asked for", () => {
    const without = CHECKS.map(({ id }) => id).filter((id) => !scopes(PLATFORM).includes(id));
    expect(without).toEqual(["gcp-ranges", "cloud-sql-connections"]);
    expect(whyNot(gcpRanges, config(PLATFORM))).toBe("the stack of the infrastructure layer makes that");
  });

  test("given a platform without Google Cloud, then none of it is asked for", () => {
    expect(scopes({}).filter((id) => /gcp|cloud|deletion/.test(id))).toEqual([]);
    expect(whyNot(gcpRegions, config())).toBe("this stack has nothing on Google Cloud");
  });
});

describe("gcp-regions", () => {
  test("given everything in the region, also a zone of it, global or in a multi-region, then nothing is found", () => {
    const shown = graph(
      cluster(),
      instance("db-custom-2-7680"),
      resource("gcp:compute/instance:Instance", "bastion", { location: "us-central1-a" }),
      resource("gcp:compute/network:Network", "network", {}),
      resource(FIRESTORE, "documents", { locationId: "nam5" }),
      workload({ container: { image: "us-docker.pkg.dev/p/r/i:1" } }),
    );
    expect(findingsOf(gcpRegions, shown, PLATFORM)).toEqual([]);
  });

  test("given a database elsewhere, then it is an error", () => {
    const shown = graph(instance("db-custom-2-7680", {}, { region: "europe-west4" }));
    expect(findingsOf(gcpRegions, shown, BASE)).toEqual([
      {
        severity: "error",
        rule: "gcp-regions",
        resource: urn(INSTANCE, "database"),
        message: "is in europe-west4, but the stack is in us-central1",
        fix: "put it in us-central1, or the whole stack in europe-west4 (noetl:gcp.region)",
      },
    ]);
  });

  test("given documents elsewhere, then it is information, since that is a choice that cannot be taken back", () => {
    expect(
      findingsOf(gcpRegions, graph(resource(FIRESTORE, "documents", { locationId: "europe-west4" })), PLATFORM),
    ).toEqual([
      {
        severity: "info",
        rule: "gcp-regions",
        resource: urn(FIRESTORE, "documents"),
        message: "its documents are in europe-west4, and who reads them in us-central1: each call crosses regions",
        fix: "nothing, if they must be there; where a database is can never change",
      },
    ]);
  });

  test("given an image of a registry elsewhere, also of an init container, then each is a warning", () => {
    const image = (name: string) => `europe-west4-docker.pkg.dev/p/r/${name}:1`;
    const shown = graph(
      workload({
        container: { image: image("app") },
        podSpec: { initContainers: [{ name: "first", image: image("first") }] },
      }),
    );
    expect(
      findingsOf(gcpRegions, shown, PLATFORM).map(({ severity, message, fix }) => [severity, message, fix]),
    ).toEqual(
      ["first", "app"].map((name) => [
        "warning",
        `Deployment noetl/app pulls ${image(name)} from europe-west4, and its nodes are in us-central1`,
        "use an image of us-central1-docker.pkg.dev (noetl:app)",
      ]),
    );
  });
});

describe("gcp-ranges", () => {
  const control = (cidr: string) => cluster({ privateClusterConfig: { masterIpv4CidrBlock: cidr } });

  test("given ranges that are apart, then nothing is found", () => {
    expect(findingsOf(gcpRanges, graph(...network({}), control("172.16.0.0/28")), BASE)).toEqual([]);
  });

  test.each<[string, Node[], string, string, string]>([
    [
      "pods among nodes",
      network({ pods: "10.10.0.0/16" }),
      urn(SUBNETWORK, "network"),
      "10.10.0.0/16 of pods and 10.10.0.0/20 of nodes have addresses in common",
      "change noetl:gcp.network.pods or noetl:gcp.network.nodes",
    ],
    [
      "Cloud SQL among Services",
      network({ peering: ["10.30.0.0", 24] }),
      urn(ADDRESS, "peering"),
      "10.30.0.0/24 of Cloud SQL and 10.30.0.0/20 of services have addresses in common",
      "change noetl:gcp.network.privateServices or noetl:gcp.network.services",
    ],
    [
      "the control plane among Cloud SQL's",
      [...network({}), control("10.40.5.0/28")],
      urn(CLUSTER, "cluster"),
      "10.40.5.0/28 of control plane and 10.40.0.0/16 of Cloud SQL have addresses in common",
      "change noetl:gcp.cluster.controlPlane or noetl:gcp.network.privateServices",
    ],
    [
      "Cloud SQL where Docker's bridge is",
      network({ peering: ["172.17.128.0", 20] }),
      urn(ADDRESS, "peering"),
      "172.17.128.0/20 of Cloud SQL has addresses of 172.17.0.0/16, the bridge of Docker: nothing connects to an instance there",
      "change noetl:gcp.network.privateServices",
    ],
  ])("given %s, then it is an error", (_, nodes, where, message, fix) => {
    expect(findingsOf(gcpRanges, graph(...nodes), BASE)).toEqual([
      { severity: "error", rule: "gcp-ranges", resource: where, message, fix },
    ]);
  });
});

describe("cloud-sql-connections", () => {
  const common = { rule: "cloud-sql-connections", resource: urn(INSTANCE, "database") };
  const fix = "take a larger noetl:postgres.tier, or set noetl:postgres.maxConnections";
  const found = (node: Node, settings: Record<string, unknown> = POOLED) =>
    findingsOf(cloudSqlConnections, graph(node), settings);
  const explain = (node: Node, settings: Record<string, unknown> = POOLED) =>
    explainInstances(checkContext({ graph: graph(node), config: config(settings) }));

  test.each([
    ["a machine with enough", instance("db-custom-2-7680"), POOLED],
    ["a small machine with a flag", instance("db-custom-1-3840", { max_connections: "400" }), POOLED],
    ["a small machine of a file that says nothing of PgBouncer", instance("db-g1-small"), BASE],
  ])("given %s, then nothing is found", (_, node, settings) => {
    expect(found(node, settings)).toEqual([]);
  });

  test("given fewer than the reserve, then it is an error", () => {
    const settings = { ...BASE, postgres: { mode: "cloudSql", reservedConnections: 25 } };
    expect(found(instance("db-f1-micro"), settings)).toEqual([
      {
        severity: "error",
        ...common,
        message: "db-f1-micro has 25 connections, and 25 are reserved",
        fix: `${fix}, or lower noetl:postgres.reservedConnections`,
      },
    ]);
  });

  test("given too few for the pools, then it is an error", () => {
    expect(found(instance("db-f1-micro"))).toEqual([
      {
        severity: "error",
        ...common,
        message: "db-f1-micro has 25 connections, 4 of them for PgBouncer: fewer than 2 each for 3 pods × 3 databases",
        fix: `${fix}, or lower noetl:pgbouncer.replicas`,
      },
    ]);
  });

  test("given pools that get less than they ask for, then it is information", () => {
    expect(found(instance("db-custom-1-3840"))).toEqual([
      {
        severity: "info",
        ...common,
        message:
          "db-custom-1-3840 has 100 connections, 79 of them for PgBouncer: 8 each for 3 pods × 3 databases, not the 16 of noetl:pgbouncer.poolSize",
        fix,
      },
    ]);
  });

  test("the derivation names the machine, who says how many, and the pools", () => {
    expect(explain(instance("db-custom-2-7680"))).toBe(
      `db-custom-2-7680: 400 max_connections, by the machine's memory
400 max_connections − 20 reserved − 1 of the schema Job = 379 for PgBouncer
379 ÷ 3 pods (2, and one that drains while an update rolls) ÷ 3 databases (noetl, demo_noetl, ducklake_catalog) = 42, of which noetl:pgbouncer.poolSize takes 16
so max_db_connections 16 = default_pool_size 12 + reserve_pool_size 4`,
    );
    expect(explain(instance("db-g1-small", { max_connections: "60" }), BASE)).toBe(
      `db-g1-small: 60 max_connections, by noetl:postgres.maxConnections
what the platform opens of them is not known here: say noetl:pgbouncer as the platform's stack does`,
    );
    expect(explain(cluster())).toBe("no instance of Cloud SQL in this stack");
  });
});

describe("deletion-protection", () => {
  const open = cluster({ deletionProtection: false }, { protect: false, retainOnDelete: true });
  const found = (node: Node, settings: Record<string, unknown>) =>
    findingsOf(deletionProtection, graph(node), settings);

  test("given all locks, then nothing is found", () => {
    const documents = resource(FIRESTORE, "documents", { deleteProtectionState: "DELETE_PROTECTION_ENABLED" }, LOCKED);
    const all = graph(cluster(), instance("db-custom-2-7680"), documents, resource("gcp:sql/user:User", "u", {}));
    expect(findingsOf(deletionProtection, all, BASE)).toEqual([]);
  });

  test("given none and no reason, then it is an error that names the open ones", () => {
    expect(found(open, BASE)).toEqual([
      {
        severity: "error",
        rule: "deletion-protection",
        resource: urn(CLUSTER, "cluster"),
        message: "can be deleted (protect, deletionProtection), and nobody says why",
        fix: "set noetl:gcp.deletionProtection to true, or noetl:gcp.unprotectedBecause to the reason",
      },
    ]);
  });

  test("given none with a reason, then it is information with the reason", () => {
    const gcp = { ...BASE.gcp, deletionProtection: false, unprotectedBecause: "a trial for a week" };
    expect(found(open, { ...BASE, gcp })).toMatchObject([
      { severity: "info", message: "can be deleted (protect, deletionProtection): a trial for a week" },
    ]);
  });

  test("given a profile that nobody depends on, then nothing is found", () => {
    expect(found(open, { ...BASE, profile: "kind" })).toEqual([]);
  });

  test.each([
    ["an instance", INSTANCE, { deletionProtection: true, settings: {} }, "deletionProtectionEnabled"],
    ["documents", FIRESTORE, {}, "deleteProtectionState"],
  ])("given %s without the lock of Google's API, then it is an error", (_, type, inputs, lock) => {
    expect(found(resource(type, "data", inputs, LOCKED), BASE)).toMatchObject([
      { severity: "error", message: `can be deleted (${lock}), and nobody says why` },
    ]);
  });
});

test("a whole stack of the infrastructure is asked all of them at once", () => {
  const shown = graph(
    ...network({ pods: "10.10.0.0/16" }),
    cluster({ location: "europe-west4", deletionProtection: false }),
    instance("db-f1-micro"),
  );
  expect(runChecks({ graph: shown, config: config(POOLED) }).map(({ rule, severity }) => [rule, severity])).toEqual([
    ["gcp-regions", "error"],
    ["gcp-ranges", "error"],
    ["cloud-sql-connections", "error"],
    ["deletion-protection", "error"],
  ]);
});
