import { describe, expect, test } from "@jest/globals";
import { DatabaseSchema, type DatabaseSchemaArgs } from "../../../components/database/schema";
import { schemaVersion, sqlFile } from "../../../components/database/sql";
import { fingerprint } from "../../../components/kubernetes/fingerprint";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const ARGS: DatabaseSchemaArgs = {
  namespace: { name: "postgres", created: "postgres" },
  connection: {
    host: "postgres.postgres.svc.cluster.local",
    port: 5432,
    database: "noetl",
    user: "noetl",
    schema: "noetl",
    adminUser: "demo",
    transactionPooling: false,
  },
  image: "postgres:17.4",
  adminPassword: "canary-admin",
  password: "canary-noetl",
  extraDatabases: ["demo_noetl", "ducklake_catalog"],
};

function render(args: Partial<DatabaseSchemaArgs> = {}) {
  return recorded(() => new DatabaseSchema("noetl-schema", { ...ARGS, ...args }));
}

async function jobName(args: Partial<DatabaseSchemaArgs> = {}): Promise<string> {
  const names = objectNames(await render(args));
  return names.find((name) => name.startsWith("Job/")) ?? "";
}

describe("DatabaseSchema", () => {
  test("is a Job that gets the SQL from a ConfigMap and the passwords from a Secret", async () => {
    const graph = await render();
    const job = await jobName();
    expect(objectNames(graph)).toEqual(["ConfigMap/noetl-schema", job, "Secret/noetl-schema"]);
    expect(objectNamed(graph, "ConfigMap/noetl-schema").data).toEqual({
      "schema.sql": sqlFile("schema.sql"),
      "bootstrap.sh": sqlFile("bootstrap.sh"),
    });
    expect(objectNamed(graph, job).spec).toMatchObject({
      template: {
        spec: {
          restartPolicy: "OnFailure",
          containers: [
            {
              command: ["sh", "/schema/bootstrap.sh"],
              env: [
                { name: "PGHOST", value: "postgres.postgres.svc.cluster.local" },
                { name: "PGPORT", value: "5432" },
                { name: "PGUSER", value: "demo" },
                { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "noetl-schema", key: "PGPASSWORD" } } },
                { name: "NOETL_DATABASE", value: "noetl" },
                { name: "NOETL_USER", value: "noetl" },
                {
                  name: "NOETL_PASSWORD",
                  valueFrom: { secretKeyRef: { name: "noetl-schema", key: "NOETL_PASSWORD" } },
                },
                { name: "NOETL_SCHEMA", value: "noetl" },
                { name: "EXTRA_DATABASES", value: "demo_noetl ducklake_catalog" },
              ],
            },
          ],
        },
      },
    });
  });

  test("given the same program, the Job keeps its name; given another, a new Job runs", async () => {
    expect(await jobName()).toBe(await jobName());
    expect(await jobName({ extraDatabases: [] })).not.toBe(await jobName());
    expect(await jobName({ image: "postgres:17.5" })).not.toBe(await jobName());
  });

  test("its passwords appear nowhere", async () => {
    expect(JSON.stringify(await render())).not.toMatch(/canary/);
  });

  test("its version is the one schema.sql brings a database to", async () => {
    let schema: DatabaseSchema | undefined;
    await recorded(() => (schema = new DatabaseSchema("noetl-schema", ARGS)));
    expect(schema?.version).toBe("3.39.3-1");
    expect(() => schemaVersion("SELECT 1;")).toThrow("sql/schema.sql has no line \\set version '…'");
  });
});

describe("a fingerprint", () => {
  test("tells texts apart, and where one ends", () => {
    expect(fingerprint("a", "b")).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprint("a", "b")).toBe(fingerprint("a", "b"));
    expect(fingerprint("a", "b")).not.toBe(fingerprint("ab"));
  });
});
