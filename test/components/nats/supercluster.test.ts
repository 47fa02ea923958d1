import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { secretConf, serverConf } from "../../../components/nats/server-conf";
import { NatsSupercluster, type SuperclusterPasswords } from "../../../components/nats/supercluster";
import { memberFacts, tenantAccount, type SuperclusterFacts } from "../../../components/nats/supercluster-facts";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { INDEPENDENT, QUORUM, REFERENCE } from "./supercluster-plan";

const TENANT = {
  name: "acme-eu",
  limits: { memory: "1Mi", file: "2Mi", streams: 3, consumers: 4 },
};

const PASSWORDS: SuperclusterPasswords = {
  system: "canary-system",
  noetl: "canary-noetl",
  gateway: "canary-gateway",
  clusters: { a: "canary-a", b: "canary-b", c: "canary-c" },
  tenants: { "acme-eu": "canary-tenant" },
};

/** nats.conf of a cluster. */
function confOf(facts: SuperclusterFacts, cluster: string): string {
  const found = memberFacts(facts).find(({ member }) => member.name === cluster);
  if (!found) throw new Error(`no cluster ${cluster}`);
  return serverConf(found.nats);
}

/** What the Secret of a cluster holds. */
function secretOf(facts: SuperclusterFacts, cluster: string): string {
  const found = memberFacts(facts).find(({ member }) => member.name === cluster);
  if (!found) throw new Error(`no cluster ${cluster}`);
  const leafnodes = { noetl: "n", acme_eu: "t" };
  return secretConf(found.nats, {
    system: "s",
    noetl: "n",
    cluster: "c",
    gateway: "g",
    users: { acme_eu: "t" },
    leafnodes,
  });
}

describe("nats.conf of each topology", () => {
  it("given gateways, then each cluster names all others, and knows a shared domain only in a quorum", () => {
    expect(confOf(QUORUM, "b")).toContain('  domain: "tenant_default_org_default"\n');
    expect(confOf(QUORUM, "b")).toContain(`  gateways: [
    { name: "a", urls: ["nats://nats-cluster-a.nats-supercluster.svc.cluster.local:7222"] }
    { name: "c", urls: ["nats://nats-cluster-c.nats-supercluster.svc.cluster.local:7222"] }
  ]
`);
    expect(confOf(QUORUM, "b")).not.toContain("leafnodes");
    expect(confOf(QUORUM, "c")).toContain('cluster {\n  name: "c"\n');
  });

  it("given another gateway port, then clusters listen and call there", () => {
    const conf = confOf({ ...REFERENCE, gatewayPort: 7522 }, "a");
    expect(conf).toContain("  port: 7522\n");
    expect(conf).toContain('"nats://nats-cluster-b.nats-supercluster.svc.cluster.local:7522"');
  });

  it("given independent clusters, then the hub listens and the others connect, without gateways", () => {
    const facts = { ...INDEPENDENT, leafnodePort: 7500, localSubjects: ["stays.>"], tenants: [TENANT] };
    expect(confOf(facts, "a")).toContain("leafnodes {\n  host: $POD_IP\n  port: 7500\n}\n");
    expect(confOf(facts, "b")).toContain(`leafnodes {
  remotes: [
    { urls: $LEAFNODE_NOETL_URLS, account: "NOETL", deny_imports: ["stays.>"], deny_exports: ["stays.>"] }
    { urls: $LEAFNODE_ACME_EU_URLS, account: "ACME_EU", deny_imports: ["stays.>"], deny_exports: ["stays.>"] }
  ]
}
`);
    expect(secretOf(facts, "b")).toContain(
      '"nats-leaf://acme_eu:t@nats-cluster-a.nats-supercluster.svc.cluster.local:7500"',
    );
    for (const cluster of ["a", "b"]) expect(confOf(facts, cluster)).not.toContain("gateway {");
  });

  it("given one server, then it is clustered only where gateways need that", () => {
    const single = (facts: SuperclusterFacts): SuperclusterFacts => ({
      ...facts,
      clusters: facts.clusters.map((cluster) => ({ ...cluster, replicas: 1 })),
    });
    expect(confOf(single(REFERENCE), "a")).toContain("cluster {");
    expect(confOf(single(INDEPENDENT), "a")).not.toContain("cluster {");
    expect(confOf({ ...INDEPENDENT, clusters: INDEPENDENT.clusters.slice(0, 1) }, "a")).not.toContain("leafnodes");
  });

  it("given a tenant, then every cluster has its account, with its limits", () => {
    expect(tenantAccount(TENANT)).toEqual({ name: "ACME_EU", jetstream: TENANT.limits, users: ["acme_eu"] });
    for (const facts of [REFERENCE, QUORUM, INDEPENDENT]) {
      expect(confOf({ ...facts, tenants: [TENANT] }, "b")).toContain(`  ACME_EU {
    jetstream {
      max_memory: 1048576 # 1Mi
      max_file: 2097152 # 2Mi
      max_streams: 3
      max_consumers: 4
    }
    users: [
      { user: "acme_eu", password: $NATS_ACME_EU_PASSWORD }
    ]
  }
`);
    }
  });

  it("given zones, then they are labels and tags", () => {
    const clusters = REFERENCE.clusters.map((cluster) => ({ ...cluster, zone: `${cluster.region}a` }));
    const [first] = memberFacts({ ...REFERENCE, clusters });
    expect(first?.nats.labels).toEqual({
      component: "nats",
      "cluster-id": "a",
      region: "us-east-1",
      zone: "us-east-1a",
      "managed-by": "noetl",
    });
    expect(first?.nats.serverTags).toEqual(["region:us-east-1", "zone:us-east-1a"]);
  });
});

describe("NatsSupercluster", () => {
  it("makes a NatsCluster each, and a Secret a tenant", async () => {
    const graph = await recorded(
      () => new NatsSupercluster("many", { ...REFERENCE, tenants: [TENANT], passwords: PASSWORDS }),
    );

    expect(objectNames(graph)).toEqual(
      ["a", "b"]
        .flatMap((name) => [
          `ConfigMap/nats-cluster-${name}-config`,
          `PodDisruptionBudget/nats-cluster-${name}`,
          `Secret/nats-cluster-${name}-auth`,
          `Service/nats-cluster-${name}`,
          `ServiceAccount/nats-cluster-${name}`,
          `StatefulSet/nats-cluster-${name}`,
        ])
        .concat("Secret/nats-tenant-acme-eu")
        .sort(),
    );
    const [stack, many, first] = graph.resources;
    expect([many?.type, many?.parent, first?.parent]).toEqual(["noetl:nats:NatsSupercluster", stack?.urn, many?.urn]);
  });

  it("keeps every password out of everything but Secrets", async () => {
    for (const facts of [REFERENCE, QUORUM, INDEPENDENT]) {
      const graph = await recorded(
        () => new NatsSupercluster("many", { ...facts, tenants: [TENANT], passwords: PASSWORDS }),
      );
      expect(JSON.stringify(graph)).not.toContain("canary");
      expect(objectNamed(graph, "Secret/nats-tenant-acme-eu").stringData).toEqual({
        account: "<secret>",
        user: "<secret>",
        password: "<secret>",
      });
    }
  });

  it("says how to reach each cluster", async () => {
    const made: NatsSupercluster[] = [];
    await recorded(() => made.push(new NatsSupercluster("many", { ...INDEPENDENT, passwords: PASSWORDS })));
    const { a, b } = made[0]?.connections ?? {};
    if (!a || !b) throw new Error("a connection is missing");
    expect([a.url, b.url]).toEqual([
      "nats://nats-cluster-a.nats-supercluster.svc.cluster.local:4222",
      "nats://nats-cluster-b.nats-supercluster.svc.cluster.local:4222",
    ]);
    expect(await pulumi.isSecret(a.password)).toBe(true);
  });

  it("names a password that is missing", async () => {
    const make = () =>
      recorded(() => new NatsSupercluster("many", { ...REFERENCE, passwords: { ...PASSWORDS, clusters: {} } }));
    await expect(make).rejects.toThrow("the NATS supercluster has no password for 'a'");
  });
});
