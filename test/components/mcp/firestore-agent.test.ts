import { describe, expect, test } from "@jest/globals";
import { FirestoreAgent, type FirestoreAgentArgs } from "../../../components/mcp/firestore-agent";
import type { ResourceGraph } from "../../../preview/graph";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const CANARY = "c4n4ry-token";
const ARGS: FirestoreAgentArgs = {
  namespace: { name: "noetl", created: "noetl" },
  image: "registry.example.com/firestore-agent:1.0.0",
  replicas: 2,
  port: 8780,
  project: "noetl-production",
  database: "(default)",
  create: true,
  location: "nam5",
  pointInTimeRecovery: true,
  indexes: [],
  logLevel: "INFO",
  token: CANARY,
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
};

function render(args: Partial<FirestoreAgentArgs> = {}) {
  return recorded(() => new FirestoreAgent("firestore-agent", { ...ARGS, ...args }));
}

/** What is made in Google Cloud: type, name and inputs. */
function inCloud(graph: ResourceGraph) {
  return graph.resources
    .filter(({ type }) => type.startsWith("gcp:"))
    .map(({ type, name, inputs }) => [type.replace(/^gcp:|:\w+$/g, ""), name, inputs] as const);
}

interface Pod {
  serviceAccountName: string;
  containers: { env: object[]; volumeMounts: object[]; securityContext: object; livenessProbe: object }[];
  volumes: object[];
}

async function podOf(args: Partial<FirestoreAgentArgs> = {}): Promise<Pod> {
  const { spec } = objectNamed(await render(args), "Deployment/firestore-agent");
  return (spec as unknown as { template: { spec: Pod } }).template.spec;
}

describe("FirestoreAgent", () => {
  test("is a Deployment with its Service, account, token and disruption budget", async () => {
    expect(objectNames(await render())).toEqual([
      "Deployment/firestore-agent",
      "PodDisruptionBudget/firestore-agent",
      "Secret/noetl-firestore-agent",
      "Service/firestore-agent",
      "ServiceAccount/firestore-agent",
    ]);
    expect(objectNames(await render({ replicas: 1 }))).not.toContain("PodDisruptionBudget/firestore-agent");
  });

  test("its database is protected in every way, and its events have their index", async () => {
    const graph = await render();
    const database = graph.resources.find(({ type }) => type === "gcp:firestore/database:Database");
    expect([database?.protect, database?.retainOnDelete]).toEqual([true, true]);
    expect(database?.inputs).toEqual({
      project: "noetl-production",
      name: "(default)",
      locationId: "nam5",
      type: "FIRESTORE_NATIVE",
      pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_ENABLED",
      deleteProtectionState: "DELETE_PROTECTION_ENABLED",
      deletionPolicy: "ABANDON",
    });
    const index = graph.resources.find(({ type }) => type === "gcp:firestore/index:Index");
    expect(index?.inputs).toEqual({
      project: "noetl-production",
      database: "(default)",
      collection: "events",
      queryScope: "COLLECTION",
      fields: [
        { fieldPath: "type", order: "ASCENDING" },
        { fieldPath: "seq", order: "ASCENDING" },
      ],
    });
  });

  test("given a database that exists, makes its indexes only, those that are asked for among them", async () => {
    const indexes = [
      {
        collection: "stops",
        fields: [
          { path: "tags", order: "contains" },
          { path: "at", order: "descending" },
        ],
      },
    ] as const;
    const made = inCloud(await render({ create: false, database: "trips", indexes }));
    expect(made.map(([type, name]) => `${type} ${name}`).filter((line) => line.startsWith("firestore"))).toEqual([
      "firestore/index firestore-agent-database-events-type-ascending-seq-ascending",
      "firestore/index firestore-agent-database-stops-tags-contains-at-descending",
    ]);
    expect(made.find(([, name]) => name.includes("stops"))?.[2]).toMatchObject({
      database: "trips",
      collection: "stops",
      fields: [
        { fieldPath: "tags", arrayConfig: "CONTAINS" },
        { fieldPath: "at", order: "DESCENDING" },
      ],
    });
  });

  test("its Google account may use this one database, and only its pods are that account", async () => {
    const made = new Map(inCloud(await render({ database: "trips" })).map(([, name, inputs]) => [name, inputs]));
    expect([...made.keys()].filter((name) => !name.includes("database")).sort()).toEqual([
      "firestore-agent-account",
      "firestore-agent-datastore-user",
      "firestore-agent-workload-identity",
    ]);
    expect(made.get("firestore-agent-datastore-user")).toMatchObject({
      project: "noetl-production",
      role: "roles/datastore.user",
      condition: {
        title: "database trips",
        expression: 'resource.name == "projects/noetl-production/databases/trips"',
      },
    });
    expect(made.get("firestore-agent-workload-identity")).toMatchObject({
      role: "roles/iam.workloadIdentityUser",
      member: "serviceAccount:noetl-production.svc.id.goog[noetl/firestore-agent]",
    });
    expect(made.get("firestore-agent-account")).toMatchObject({ accountId: "noetl-firestore-agent" });
  });

  test("reads its token from a file, restricted, with what agents/firestore reads", async () => {
    const pod = await podOf({ database: "trips", logLevel: "WARNING" });
    expect(pod.serviceAccountName).toBe("firestore-agent");
    expect(pod.containers[0]?.env).toEqual([
      { name: "GOOGLE_CLOUD_PROJECT", value: "noetl-production" },
      { name: "FIRESTORE_DATABASE", value: "trips" },
      { name: "MCP_HOST", value: "0.0.0.0" },
      { name: "MCP_PORT", value: "8780" },
      { name: "MCP_TOKEN_FILE", value: "/var/run/noetl/firestore-agent/token" },
      { name: "LOG_LEVEL", value: "WARNING" },
    ]);
    expect(pod.volumes).toEqual([
      { name: "token", secret: { secretName: "noetl-firestore-agent", defaultMode: 0o440 } },
    ]);
    expect(pod.containers[0]?.volumeMounts).toEqual([
      { name: "token", mountPath: "/var/run/noetl/firestore-agent", readOnly: true },
    ]);
    expect(pod.containers[0]?.livenessProbe).toEqual({
      httpGet: { path: "/healthz", port: "http" },
      periodSeconds: 30,
      timeoutSeconds: 5,
      failureThreshold: 4,
    });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  test("tells where it is and where its token stands, and no render has the token", async () => {
    let agent: FirestoreAgent | undefined;
    const graph = await recorded(() => (agent = new FirestoreAgent("firestore-agent", ARGS)));
    expect(agent?.url).toBe("http://firestore-agent.noetl.svc.cluster.local:8780/mcp");
    expect(agent?.token).toEqual({ secret: "noetl-firestore-agent", key: "token" });
    expect(JSON.stringify(graph)).not.toContain(CANARY);
  });

  test("the escape hatch has the last word", async () => {
    const graph = await render({
      transform: { deployment: (args) => ({ ...args, metadata: { name: "other", namespace: "noetl" } }) },
    });
    expect(objectNames(graph)).toContain("Deployment/other");
  });
});
