import { describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { runChecks } from "../../../preview/checks";
import { parseStackFile } from "../../../stacks/config/stack-file";

const STACK = `
config:
  noetl:profile: gke
  noetl:cluster: { context: gke_noetl-production_us-central1_noetl-cluster }
  noetl:gcp:
    project: noetl-production
    region: us-central1
    layer: infrastructure
GCP
  noetl:postgres: { mode: cloudSqlPOSTGRES }
`;

function render(gcp = "", postgres = "") {
  const text = STACK.replace("GCP\n", gcp).replace("POSTGRES", postgres);
  return renderStack(parseStackFile(text, "Pulumi.base.yaml"));
}

function inputsOf(graph: ResourceGraph, type: string) {
  return graph.resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);
}

const CLUSTER = "gcp:container/cluster:Cluster";
const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";

describe("infrastructure layer", () => {
  test("makes nothing in Kubernetes, and passes the checks of Google Cloud", async () => {
    const graph = await render();
    expect(
      graph.resources.filter(({ type }) => type.startsWith("kubernetes:") || type.endsWith(":kubernetes")),
    ).toEqual([]);
    const { config } = parseStackFile(STACK.replace("GCP\n", "").replace("POSTGRES", ""), "Pulumi.base.yaml");
    expect(runChecks({ graph, config })).toEqual([]);
  });

  test("holds on to what has data: cluster, instance, images, address", async () => {
    const { resources } = await render("    ingress: { host: noetl.example.com }\n");
    const kept = resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete).map(({ type }) => type);
    expect(kept.sort()).toEqual([
      "gcp:artifactregistry/repository:Repository",
      "gcp:compute/globalAddress:GlobalAddress",
      CLUSTER,
      INSTANCE,
    ]);
  });

  test("given no protection with its reason, then cluster and instance can be deleted, and are left all the same", async () => {
    const graph = await render("    deletionProtection: false\n    unprotectedBecause: a trial for a week\n");
    expect(inputsOf(graph, CLUSTER)).toMatchObject([{ deletionProtection: false }]);
    expect(inputsOf(graph, INSTANCE)).toMatchObject([
      { deletionProtection: false, settings: { deletionProtectionEnabled: false } },
    ]);
    const shown = graph.resources.filter(({ type }) => type === CLUSTER || type === INSTANCE);
    expect(shown.map(({ protect, retainOnDelete }) => [protect, retainOnDelete])).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  test("the cluster is Autopilot, private, on the regular channel, with secrets and Workload Identity", async () => {
    expect(inputsOf(await render(), CLUSTER)).toMatchObject([
      {
        enableAutopilot: true,
        location: "us-central1",
        releaseChannel: { channel: "REGULAR" },
        privateClusterConfig: { enablePrivateNodes: true, masterIpv4CidrBlock: "172.16.0.0/28" },
        secretManagerConfig: { enabled: true },
        secretSyncConfig: { enabled: true },
        deletionProtection: true,
        clusterAutoscaling: {
          autoProvisioningDefaults: { serviceAccount: "noetl-nodes@noetl-production.iam.gserviceaccount.com" },
        },
      },
    ]);
  });

  test("given node pools, then it is Standard, with Managed Prometheus and Workload Identity said", async () => {
    const graph = await render(
      "    cluster: { mode: standard, nodePools: [{ name: main, machineType: e2-standard-4, min: 3, max: 9 }] }\n",
    );
    const [cluster] = inputsOf(graph, CLUSTER);
    expect(cluster).toMatchObject({
      workloadIdentityConfig: { workloadPool: "noetl-production.svc.id.goog" },
      datapathProvider: "ADVANCED_DATAPATH",
      monitoringConfig: { managedPrometheus: { enabled: true } },
      removeDefaultNodePool: true,
    });
    expect(cluster).not.toHaveProperty("enableAutopilot");
    expect(inputsOf(graph, "gcp:container/nodePool:NodePool")).toMatchObject([
      {
        name: "main",
        autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 9 },
        upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
        nodeConfig: { machineType: "e2-standard-4", workloadMetadataConfig: { mode: "GKE_METADATA" } },
      },
    ]);
  });

  test("given a cluster and a network that exist, then neither is made, and no account for nodes", async () => {
    const graph = await render(
      "    cluster: { mode: existing, name: noetl-cluster }\n    network: { mode: existing, name: shared, subnetwork: apps }\n",
    );
    const types = [...new Set(graph.resources.map(({ type }) => type))].filter((type) => type.startsWith("gcp:"));
    expect(types.sort()).toEqual([
      "gcp:artifactregistry/repository:Repository",
      "gcp:projects/service:Service",
      INSTANCE,
    ]);
    expect(inputsOf(graph, INSTANCE)).toMatchObject([
      { settings: { ipConfiguration: { privateNetwork: "projects/noetl-production/global/networks/shared" } } },
    ]);
  });

  test("the instance has a private address only, backups to any second, and encrypted connections", async () => {
    const graph = await render("", ", maxConnections: 300, flags: [{ name: log_lock_waits, value: 'on' }]");
    expect(inputsOf(graph, INSTANCE)).toMatchObject([
      {
        name: "noetl-shared-pg",
        databaseVersion: "POSTGRES_15",
        settings: {
          tier: "db-custom-2-7680",
          edition: "ENTERPRISE",
          ipConfiguration: {
            ipv4Enabled: false,
            sslMode: "ENCRYPTED_ONLY",
            allocatedIpRange: "noetl-cloudsql-psa-range",
          },
          backupConfiguration: { enabled: true, pointInTimeRecoveryEnabled: true, transactionLogRetentionDays: 7 },
          insightsConfig: { queryInsightsEnabled: true },
          databaseFlags: [
            { name: "log_lock_waits", value: "on" },
            { name: "max_connections", value: "300" },
          ],
        },
      },
    ]);
  });

  test("the network has the ranges, a way out, and the proxy's way to the instance", async () => {
    const graph = await render();
    expect(inputsOf(graph, "gcp:compute/subnetwork:Subnetwork")).toMatchObject([
      {
        ipCidrRange: "10.10.0.0/20",
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: "pods", ipCidrRange: "10.20.0.0/16" },
          { rangeName: "services", ipCidrRange: "10.30.0.0/20" },
        ],
      },
    ]);
    expect(inputsOf(graph, "gcp:compute/firewall:Firewall")).toMatchObject([
      {
        name: "noetl-allow-cloudsql-3307",
        direction: "EGRESS",
        priority: 900,
        destinationRanges: ["10.40.0.0/16"],
        allows: [{ protocol: "tcp", ports: ["3307"] }],
      },
    ]);
    expect(inputsOf(graph, "gcp:compute/routerNat:RouterNat")).toHaveLength(1);
    expect(
      inputsOf(await render("    network: { mode: create, nat: false }\n"), "gcp:compute/routerNat:RouterNat"),
    ).toEqual([]);
  });
});
