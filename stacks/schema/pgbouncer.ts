import { z } from "zod";
import { IMAGES } from "../versions";
import { image, resources, whole } from "./fields";

export const pgbouncerSchema = z
  .strictObject({
    image: image().default(IMAGES.pgbouncer).describe("PgBouncer image."),
    replicas: whole(1, 20).default(2).describe("Pods. With two, one may restart or lose its node."),
    poolSize: whole(2, 1000)
      .default(16)
      .describe(
        "Most server connections of one pod to one database (max_db_connections). Where `postgres.maxConnections` has fewer for it, those: `noetl-ops check --verbose` shows how it adds up.",
      ),
    minPoolSize: whole(0, 100).default(1).describe("Server connections of a pool that stay open (min_pool_size)."),
    reservePool: whole(0, 100)
      .default(4)
      .describe(
        "How many of `poolSize` open only when clients have waited for `reservePoolTimeout` (reserve_pool_size); a quarter at most.",
      ),
    reservePoolTimeout: whole(1, 600).default(5).describe("Seconds (reserve_pool_timeout)."),
    maxClientConnections: whole(10, 10000)
      .default(600)
      .describe("Clients of one pod (max_client_conn); those without a server connection wait."),
    queryWaitTimeout: whole(1, 3600)
      .default(120)
      .describe("Seconds that a client waits for a server connection before it is sent away (query_wait_timeout)."),
    serverLifetime: whole(60, 604800)
      .default(21600)
      .describe("Seconds until a server connection is replaced (server_lifetime)."),
    serverIdleTimeout: whole(10, 86400)
      .default(300)
      .describe("Seconds until an idle server connection is closed (server_idle_timeout)."),
    serverTls: z
      .enum(["disable", "prefer", "require"])
      .default("prefer")
      .describe(
        "Encryption between PgBouncer and PostgreSQL (server_tls_sslmode). Nothing to the Cloud SQL Auth Proxy, which encrypts by itself.",
      ),
    exporter: z
      .boolean()
      .default(true)
      .describe("Metrics of pools and clients on port 9127, by an exporter beside it."),
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }),
  })
  .optional()
  .describe(
    "PgBouncer between server and PostgreSQL: transaction pooling, with pool sizes that keep the connection budget. Without this key there is none.",
  );
