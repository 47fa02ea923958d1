import type * as pulumi from "@pulumi/pulumi";
import { CLOUD_SQL_PROXY, CLOUD_SQL_PROXY_WORKLOAD, POD_GRANTS } from "../components/gcp/identities";
import { CloudSqlContents } from "../components/gcp/cloud-sql";
import { ServiceAccount } from "../components/gcp/service-account";
import type { CloudSqlProxy } from "../components/database/cloud-sql-proxy";
import type { DatabaseConnection } from "../components/database/connection";
import { PgBouncer } from "../components/database/pgbouncer";
import { Postgres } from "../components/database/postgres";
import { KEPT_ELSEWHERE } from "../components/secrets/provider";
import { placeOf } from "./gcp";
import type { PlatformSpec } from "./profile";
import type { GcpConfig, PostgresConfig } from "./schema";
import { otherDatabases, poolSizesOf } from "./schema/connections";
import { restartOnRotation } from "./rotations";
import { keptElsewhere } from "./schema/rules/secret-provider";
import type { Foundation } from "./secret-provider";
import { IMAGES } from "./versions";

/** Port of the Auth Proxy on the loopback address of its pod. */
const PROXY_PORT = 6432;

/** An instance, and how it is reached. */
interface Instance {
  connection: DatabaseConnection;
  /** What must stand beside whoever reaches it. */
  proxy?: CloudSqlProxy;
  /** What must be there before. */
  made: pulumi.Resource[];
}

/** The two ways to the database. */
export interface DatabaseWays {
  /** For everything that lives in transactions: through the pooler, where there is one. */
  pooled: DatabaseConnection;
  /** For what needs a session. */
  direct: Instance;
}

/** The database, and the pooler before it. */
export function database(
  spec: PlatformSpec,
  foundation: Foundation,
  opts: pulumi.ComponentResourceOptions,
): DatabaseWays {
  const direct = instance(spec, foundation, opts);
  const { namespaces, material, secrets } = foundation;
  const sizes = poolSizesOf(spec);
  const { pgbouncer } = spec;
  if (!pgbouncer || !sizes) return { direct, pooled: direct.connection };
  const { connection } = new PgBouncer(
    "pgbouncer",
    {
      ...pgbouncer,
      namespace: namespaces.of("postgres"),
      database: direct.connection,
      proxy: direct.proxy,
      otherDatabases: otherDatabases(spec),
      // The proxy encrypts by itself, and takes no other encryption.
      pools: { ...pgbouncer, ...sizes, ...(direct.proxy && { serverTls: "disable" as const }) },
      exporterImage: pgbouncer.exporter ? IMAGES.pgbouncerExporter : undefined,
      password: material.noetlPassword,
      statsPassword: keptElsewhere(spec.secretProvider) ? KEPT_ELSEWHERE : undefined,
      secrets,
    },
    { ...opts, dependsOn: direct.made, transformations: [restartOnRotation("postgres", spec.secrets.rotations)] },
  );
  return { direct, pooled: connection };
}

function instance(spec: PlatformSpec, foundation: Foundation, opts: pulumi.ComponentResourceOptions): Instance {
  const { postgres, gcp, traits } = spec;
  const { namespaces, material, secrets } = foundation;
  if (postgres.mode === "external") return { connection: postgres, made: [] };
  if (postgres.mode === "cloudSql") {
    if (!gcp) throw new Error("no noetl:gcp; the schema's rules demand it");
    return cloudSql(spec, postgres, gcp, foundation, opts);
  }
  const { connection } = new Postgres(
    "postgres",
    {
      ...postgres,
      namespace: namespaces.of("postgres"),
      storageClass: traits.storageClass,
      adminPassword: material.postgresPassword,
      password: material.noetlPassword,
      nodePort: traits.nodePorts?.postgres,
      secrets,
    },
    opts,
  );
  return { connection, made: [] };
}

/** What the platform adds to an instance of the infrastructure layer: databases, administrator, and who may connect. */
function cloudSql(
  spec: PlatformSpec,
  postgres: Extract<PostgresConfig, { mode: "cloudSql" }>,
  gcp: GcpConfig,
  { namespaces, material }: Foundation,
  opts: pulumi.ComponentResourceOptions,
): Instance {
  const { instance: name, database, user, schema, adminUser } = postgres;
  const account = new ServiceAccount(
    CLOUD_SQL_PROXY,
    {
      ...placeOf(gcp),
      account: CLOUD_SQL_PROXY,
      description: "Cloud SQL Auth Proxy of the NoETL platform",
      grants: POD_GRANTS,
      namespace: namespaces.of(CLOUD_SQL_PROXY_WORKLOAD.namespace),
    },
    opts,
  );
  const { made } = new CloudSqlContents(
    "database",
    {
      project: gcp.project,
      instance: name,
      databases: [database, ...otherDatabases(spec)],
      adminUser,
      // A password that only a vault knows is set there, too.
      adminPassword: keptElsewhere(spec.secretProvider) ? undefined : material.postgresPassword,
    },
    opts,
  );
  return {
    connection: { host: "127.0.0.1", port: PROXY_PORT, database, user, schema, adminUser, transactionPooling: false },
    proxy: {
      image: IMAGES.cloudSqlProxy,
      instance: `${gcp.project}:${gcp.region}:${name}`,
      port: PROXY_PORT,
      serviceAccount: CLOUD_SQL_PROXY_WORKLOAD.serviceAccount,
      resources: postgres.proxyResources,
    },
    made: [account, ...made],
  };
}
