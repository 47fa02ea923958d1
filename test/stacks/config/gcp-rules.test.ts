import { describe, expect, test } from "@jest/globals";
import { problemsOf, stackText } from "./support";

/** Message and what is allowed of each problem, by its path. */
function told(gcp: string, more: { postgres?: string; profile?: string; cluster?: string; lines?: string } = {}) {
  const {
    postgres = "mode: cloudSql",
    profile = "gke",
    cluster = "gke-production",
    lines = "noetl:pgbouncer: {}",
  } = more;
  const text = stackText(
    `${gcp === "" ? "" : `noetl:gcp: { project: noetl-production, region: us-central1${gcp} }\n`}${lines}`,
    {
      profile: `noetl:profile: ${profile}`,
      cluster: `noetl:cluster: { context: ${cluster} }`,
      postgres: `noetl:postgres: { ${postgres} }`,
    },
  );
  return problemsOf(text).map(({ path, message }) => `${path}: ${message.replace(/ \((line \d+|the default)\)$/, "")}`);
}

const NONE = ", environment: staging";

describe("Google Cloud, between settings", () => {
  test.each<[string, string, Parameters<typeof told>[1]]>([
    ["an instance behind PgBouncer", NONE, {}],
    ["the infrastructure without PgBouncer", ", layer: infrastructure", { lines: "" }],
    ["the context that gcloud writes", NONE, { cluster: "gke_noetl-production_us-central1_noetl-cluster" }],
    ["no protection with a reason", ", deletionProtection: false, unprotectedBecause: a trial for a week", {}],
    ["no protection where nobody depends on it", ", deletionProtection: false", { profile: "kind" }],
    [
      "an image of the region",
      NONE,
      { lines: "noetl:pgbouncer: { image: 'us-central1-docker.pkg.dev/noetl-production/noetl/p:1' }" },
    ],
    [
      "an image of another project",
      NONE,
      { lines: "noetl:pgbouncer: { image: 'europe-docker.pkg.dev/google/noetl/p:1' }" },
    ],
  ])("given %s, when read, then nothing is wrong", (_, gcp, more) => {
    expect(told(gcp, more)).toEqual([]);
  });

  test.each<[string, string, Parameters<typeof told>[1], string]>([
    [
      "an instance without a project",
      "",
      {},
      "noetl:postgres.mode: a Cloud SQL instance is in a project and region, and there is no gcp",
    ],
    [
      "no PgBouncer",
      NONE,
      { lines: "" },
      "noetl:postgres.mode: the instance is reached through PgBouncer, and there is no pgbouncer",
    ],
    [
      "an unknown tier",
      NONE,
      { postgres: "mode: cloudSql, tier: db-n1-standard-1" },
      'noetl:postgres.tier: "db-n1-standard-1" is no machine of Cloud SQL for PostgreSQL',
    ],
    [
      "a tier with too few connections",
      NONE,
      { postgres: "mode: cloudSql, tier: db-f1-micro" },
      "noetl:postgres.maxConnections: 25 less 20 reserved and 1 of the schema Job leaves 4 for 3 pods of PgBouncer (one drains while an update rolls) × 3 databases",
    ],
    [
      "a disk above its limit",
      NONE,
      { postgres: "mode: cloudSql, diskSize: 300" },
      "noetl:postgres.diskLimit: 200 GB are less than the 300 that it begins with",
    ],
    [
      "the connections as a flag",
      NONE,
      { postgres: "mode: cloudSql, flags: [{ name: max_connections, value: '9' }]" },
      "noetl:postgres.flags[0].name: the connection budget goes by postgres.maxConnections",
    ],
    [
      "a proxy that requests too much",
      NONE,
      { postgres: "mode: cloudSql, proxyResources: { requests: { memory: 1Gi } }" },
      "noetl:postgres.proxyResources.requests.memory: 1Gi is requested, more than the limit of 512Mi",
    ],
    [
      "pods in the nodes' range",
      ", network: { mode: create, pods: 10.10.0.0/16 }",
      {},
      "noetl:gcp.network.pods: 10.10.0.0/16 and 10.10.0.0/20 of gcp.network.nodes have addresses in common",
    ],
    [
      "the control plane in Cloud SQL's range",
      ", cluster: { mode: autopilot, controlPlane: 10.40.5.0/28 }",
      {},
      "noetl:gcp.cluster.controlPlane: 10.40.5.0/28 and 10.40.0.0/16 of gcp.network.privateServices have addresses in common",
    ],
    [
      "a small range for pods",
      ", network: { mode: create, pods: 10.20.0.0/21 }",
      {},
      "noetl:gcp.network.pods: 10.20.0.0/21 has 2048 addresses",
    ],
    [
      "a control plane of another size",
      ", cluster: { mode: autopilot, controlPlane: 172.16.0.0/24 }",
      {},
      "noetl:gcp.cluster.controlPlane: 172.16.0.0/24 is not a /28",
    ],
    [
      "no protection in production",
      ", deletionProtection: false",
      {},
      "noetl:gcp.deletionProtection: one wrong command could delete the cluster and the database",
    ],
    [
      "the context of another region",
      NONE,
      { cluster: "gke_noetl-production_europe-west4_noetl-cluster" },
      "noetl:cluster.context: is of region europe-west4, not us-central1",
    ],
    [
      "the context of another project and cluster",
      NONE,
      { cluster: "gke_other-project_us-central1_c" },
      "noetl:cluster.context: is of project other-project, not noetl-production, cluster c, not noetl-cluster",
    ],
    [
      "an image in another region",
      NONE,
      { lines: "noetl:pgbouncer: { image: 'europe-west4-docker.pkg.dev/noetl-production/noetl/p:1' }" },
      "noetl:pgbouncer.image: is in europe-west4, and the cluster in us-central1",
    ],
    [
      "an ingress before nothing",
      ", ingress: { host: noetl.example.com }",
      {},
      "noetl:gcp.ingress: there is no gateway behind it",
    ],
    [
      "more nodes at least than at most",
      ", cluster: { mode: standard, nodePools: [{ name: a, machineType: e2-standard-4, min: 7 }] }",
      {},
      "noetl:gcp.cluster.nodePools[0].min: 7 nodes at least are more than 6 at most",
    ],
    [
      "two node pools of one name",
      ", cluster: { mode: standard, nodePools: [{ name: a, machineType: e2-standard-4 }, { name: a, machineType: e2-small }] }",
      {},
      'noetl:gcp.cluster.nodePools[1].name: "a" is the name of another pool',
    ],
  ])("given %s, when read, then it is refused", (_, gcp, more, problem) => {
    expect(told(gcp, more)).toEqual([problem]);
  });
});
