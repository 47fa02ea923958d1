import { z } from "zod";
import { IMAGES } from "../versions";
import { defaultConnections, tierOf } from "../../components/gcp/tiers";
import {
  bytes,
  host,
  image,
  line,
  objectName,
  port,
  resources,
  sqlFlag,
  sqlName,
  sqlTier,
  timeOfDay,
  whole,
} from "./fields";

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

const { maxConnections: _, ...shared } = common;

const cloudSql = z
  .strictObject({
    mode: z
      .literal("cloudSql")
      .describe("A Cloud SQL instance that the infrastructure layer makes, reached by PgBouncer and the Auth Proxy."),
    ...shared,
    maxConnections: whole(14, 10000)
      .optional()
      .describe(
        "`max_connections` of the instance, as a flag; a change restarts it. Default: what Cloud SQL gives the tier.",
      ),
    adminUser: sqlName().default("postgres").describe("Administrator of the instance, made with a generated password."),
    instance: objectName()
      .default("noetl-shared-pg")
      .describe("Name of the instance. After a deletion it is taken for a week."),
    version: z
      .enum(["POSTGRES_15", "POSTGRES_16", "POSTGRES_17"])
      .default("POSTGRES_15")
      .describe("PostgreSQL's version. Newer ones are reached in place, but never back."),
    tier: sqlTier().default("db-custom-2-7680").describe("Machine: cores and memory. A change restarts the instance."),
    regional: z
      .boolean()
      .default(false)
      .describe("A second zone takes over when the first is lost, within a minute or two. Doubles the price."),
    diskSize: whole(10, 65536).default(20).describe("GB of the disk at first; it grows by itself and never shrinks."),
    diskLimit: whole(10, 65536).default(200).describe("GB up to which it grows; full, the database stops."),
    diskType: z.enum(["PD_SSD", "PD_HDD"]).default("PD_SSD").describe("Kind of disk. It cannot change later."),
    flags: z
      .array(
        z
          .strictObject({
            name: sqlFlag().describe("Name, such as log_min_duration_statement."),
            value: line(255).describe("Value; numbers in quotes."),
          })
          .describe("A flag. Some restart the instance."),
      )
      .max(100)
      .default([])
      .describe("Further database flags."),
    backups: z
      .strictObject({
        start: timeOfDay().default("02:00").describe("When the daily backup begins."),
        retained: whole(1, 365).default(14).describe("Backups that are kept."),
        logDays: whole(1, 7)
          .default(7)
          .describe("Days of transaction logs: the instance can be restored to any second of them."),
      })
      .prefault({})
      .describe("Backups and point-in-time recovery; they are always on."),
    maintenance: z
      .strictObject({
        day: whole(1, 7).default(7).describe("Day of the week, 1 is Monday."),
        hour: whole(0, 23).default(4).describe("Hour in UTC."),
      })
      .prefault({})
      .describe("When Google may update the instance, which takes a minute or two."),
    insights: z.boolean().default(true).describe("Query Insights: which queries take the time."),
    proxyResources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }).describe("CPU and memory of each Auth Proxy."),
  })
  .describe("PostgreSQL of Cloud SQL.");

export const postgresSchema = z
  .discriminatedUnion("mode", [inCluster, external, cloudSql], { error: '"inCluster", "external" or "cloudSql"' })
  .describe("PostgreSQL: event log, catalog, credentials, runtime registration.");

/** `max_connections` of the instance, also where the machine decides it. */
export function maxConnectionsOf(postgres: z.output<typeof postgresSchema>): number {
  if (postgres.mode !== "cloudSql") return postgres.maxConnections;
  const tier = tierOf(postgres.tier);
  return postgres.maxConnections ?? (typeof tier === "string" ? 0 : defaultConnections(tier));
}
