import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../components/database/connection";
import { PgBouncer } from "../components/database/pgbouncer";
import { Postgres } from "../components/database/postgres";
import type { PlatformSpec } from "./profile";
import { otherDatabases, poolSizesOf } from "./schema/connections";
import { restartOnRotation } from "./rotations";
import type { Foundation } from "./secret-provider";
import { IMAGES } from "./versions";

/** The two ways to the database. */
export interface DatabaseWays {
  /** For everything that lives in transactions: through the pooler, where there is one. */
  pooled: DatabaseConnection;
  /** For what needs a session. */
  direct: DatabaseConnection;
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
  if (!pgbouncer || !sizes) return { direct, pooled: direct };
  const { connection } = new PgBouncer(
    "pgbouncer",
    {
      ...pgbouncer,
      namespace: namespaces.of("postgres"),
      database: direct,
      otherDatabases: otherDatabases(spec),
      pools: { ...pgbouncer, ...sizes },
      exporterImage: pgbouncer.exporter ? IMAGES.pgbouncerExporter : undefined,
      password: material.noetlPassword,
      secrets,
    },
    { ...opts, transformations: [restartOnRotation("postgres", spec.secrets.rotations)] },
  );
  return { direct, pooled: connection };
}

function instance(
  { postgres, traits }: PlatformSpec,
  { namespaces, material, secrets }: Foundation,
  opts: pulumi.ComponentResourceOptions,
): DatabaseConnection {
  if (postgres.mode === "external") return postgres;
  return new Postgres(
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
  ).connection;
}
