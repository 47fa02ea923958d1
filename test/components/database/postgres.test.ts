import { describe, expect, test } from "@jest/globals";
import { Postgres, type PostgresArgs } from "../../../components/database/postgres";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const ARGS: PostgresArgs = {
  namespace: { name: "postgres", created: "postgres" },
  image: "postgres:17.4",
  adminUser: "demo",
  database: "noetl",
  user: "noetl",
  schema: "noetl",
  storage: "5Gi",
  storageClass: "standard",
  maxConnections: 200,
  sharedBuffers: "128Mi",
  workMem: "2Mi",
  resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: 1, memory: "2Gi" } },
  adminPassword: "canary-admin",
  password: "canary-noetl",
};

function render(args: Partial<PostgresArgs> = {}) {
  return recorded(() => new Postgres("postgres", { ...ARGS, ...args }));
}

describe("Postgres", () => {
  test("is one pod with its own volume behind one Service", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual(["Secret/postgres-secret", "Service/postgres", "StatefulSet/postgres"]);
    expect(objectNamed(graph, "StatefulSet/postgres").spec).toMatchObject({
      replicas: 1,
      template: {
        spec: {
          containers: [
            {
              image: "postgres:17.4",
              args: ["-c", "max_connections=200", "-c", "shared_buffers=131072kB", "-c", "work_mem=2048kB"],
            },
          ],
        },
      },
      volumeClaimTemplates: [{ spec: { storageClassName: "standard", resources: { requests: { storage: "5Gi" } } } }],
    });
  });

  test("given a node port, clients outside the cluster reach it there", async () => {
    const graph = await render({ nodePort: 30321 });
    expect(objectNamed(graph, "Service/postgres-ext").spec).toMatchObject({
      type: "NodePort",
      ports: [{ name: "postgres", port: 5432, targetPort: "postgres", nodePort: 30321 }],
    });
  });

  test("its passwords appear nowhere", async () => {
    expect(JSON.stringify(await render())).not.toMatch(/canary/);
  });

  test("tells how to reach it", async () => {
    let postgres: Postgres | undefined;
    await recorded(() => (postgres = new Postgres("postgres", ARGS)));
    expect(postgres?.connection).toEqual({
      host: "postgres.postgres.svc.cluster.local",
      port: 5432,
      database: "noetl",
      user: "noetl",
      schema: "noetl",
      adminUser: "demo",
      transactionPooling: false,
    });
  });
});
