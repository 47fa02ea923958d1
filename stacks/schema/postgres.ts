import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, host, image, port, resources, sqlName, whole } from "./fields";

const common = {
  image: image()
    .default(IMAGES.postgres)
    .describe("PostgreSQL image: the server in the cluster, and `psql` of the schema Job."),
  database: sqlName().default("noetl").describe("Database of the NoETL server (POSTGRES_DATABASE)."),
  user: sqlName().default("noetl").describe("Role of the NoETL server (POSTGRES_USER); owns the schema."),
  schema: sqlName().default("noetl").describe("Schema of the NoETL tables (NOETL_SCHEMA)."),
  extraDatabases: z
    .array(sqlName())
    .max(50)
    .default(["demo_noetl", "ducklake_catalog"])
    .describe("Further databases of the same instance, owned by `user`: playground and DuckLake catalog."),
  maxConnections: whole(10, 10000)
    .default(200)
    .describe("`max_connections` of the instance: what the connection budget is checked against."),
  reservedConnections: whole(0, 1000)
    .default(20)
    .describe("Connections kept free for people, backups and superusers: the headroom of the connection budget."),
};

const inCluster = z
  .strictObject({
    mode: z.literal("inCluster").describe("A PostgreSQL of one pod in this cluster."),
    ...common,
    adminUser: sqlName().default("demo").describe("Superuser of the instance (POSTGRES_USER of the image)."),
    storage: bytes().default("5Gi").describe("Size of the data volume."),
    sharedBuffers: bytes().default("128Mi").describe("PostgreSQL's `shared_buffers`."),
    workMem: bytes().default("2Mi").describe("PostgreSQL's `work_mem`, per sort and connection."),
    resources: resources({
      requests: { cpu: "500m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
  })
  .describe("PostgreSQL as part of the platform.");

const external = z
  .strictObject({
    mode: z.literal("external").describe("An instance that exists already; the platform only connects to it."),
    ...common,
    host: host().describe("Host of the instance or of the pooler in front of it (POSTGRES_HOST)."),
    port: port().default(5432).describe("TCP port (POSTGRES_PORT)."),
    adminUser: sqlName()
      .default("postgres")
      .describe("Role that may create roles and databases; its password is `secrets.postgresPassword`."),
    transactionPooling: z
      .boolean()
      .default(false)
      .describe("A transaction pooler such as PgBouncer stands in front: the server then prepares no statements."),
  })
  .describe("PostgreSQL outside the platform.");

export const postgresSchema = z
  .discriminatedUnion("mode", [inCluster, external], { error: '"inCluster" or "external"' })
  .describe("PostgreSQL: event log, catalog, credentials, runtime registration.");
