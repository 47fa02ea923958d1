import { z } from "zod";
import { IMAGES } from "../versions";
import { filePath, host, httpUrl, image, line, objectName, port, resources, whole } from "./fields";

const keychain = z
  .strictObject({
    gcp: z
      .strictObject({
        project: line(63)
          .optional()
          .describe("Default project of `gcp` references (GOOGLE_CLOUD_PROJECT). Default: `gcp.project`."),
        endpoint: httpUrl().optional().describe("Secret Manager base URL, for a mock (NOETL_GCP_SM_ENDPOINT)."),
        metadataTokenUrl: httpUrl()
          .optional()
          .describe("Workload Identity token URL, for a mock (NOETL_GCP_METADATA_TOKEN_URL)."),
      })
      .optional()
      .describe("Google Secret Manager as keychain provider `gcp`."),
    kubernetes: z
      .strictObject({
        namespaces: z
          .array(objectName())
          .min(1)
          .max(100)
          .default(["noetl"])
          .describe("Namespaces whose Secrets the server may get and list; one Role each, nothing else is granted."),
        apiUrl: httpUrl().optional().describe("API server URL, for an API outside the cluster (NOETL_K8S_API_URL)."),
        namespace: objectName().optional().describe("Namespace of a reference that names none (NOETL_K8S_NAMESPACE)."),
        caFile: filePath().optional().describe("CA bundle of the API server (NOETL_K8S_CA_FILE)."),
        tokenFile: filePath()
          .optional()
          .describe("Bearer token file, read anew for each fetch (NOETL_K8S_TOKEN_FILE)."),
        filesSecret: objectName()
          .optional()
          .describe(
            "Secret of the server's namespace that holds `tokenFile` and `caFile` by their names; yours to make. It is mounted at their folder, and may change at any time.",
          ),
      })
      .optional()
      .describe("Kubernetes Secrets as keychain provider `k8s`."),
    vault: z
      .strictObject({
        address: httpUrl().describe("Vault server (VAULT_ADDR), such as http://vault.vault.svc:8200."),
        tokenFile: filePath().optional().describe("Token file, read anew for each fetch (NOETL_VAULT_TOKEN_FILE)."),
        namespace: line(255).optional().describe("Vault Enterprise namespace (VAULT_NAMESPACE)."),
        kvMount: line(255)
          .default("secret")
          .describe("KV v2 mount of a reference that names none (NOETL_VAULT_KV_MOUNT)."),
        caFile: filePath().optional().describe("CA bundle for https addresses (NOETL_VAULT_CA_FILE)."),
        filesSecret: objectName()
          .optional()
          .describe(
            "Secret of the server's namespace that holds `tokenFile` and `caFile` by their names; yours to make. It is mounted at their folder, and may change at any time.",
          ),
      })
      .optional()
      .describe("HashiCorp Vault as keychain provider `vault`; a static token comes from `secrets.vaultToken`."),
  })
  .prefault({})
  .describe("Where the server resolves `provider:` credentials of playbooks from.");

export const serverSchema = z
  .strictObject({
    name: objectName()
      .default("noetl-server-rust")
      .describe("Name of the Deployment and Service, and the pods' `app` label."),
    image: image().default(IMAGES.noetlServer).describe("NoETL server image."),
    replicas: whole(1, 1024)
      .default(1)
      .describe("Pods. One is a Deployment; more are a StatefulSet, so that each pod has its own machine id."),
    healthApi: z
      .enum(["seed", "published"])
      .default("seed")
      .describe(
        "Probe paths. `seed`: /healthz and /readyz of the deployment specification. `published`: /health and /api/health, which the published images answer.",
      ),
    port: port().default(8082).describe("HTTP port of API, metrics and health (NOETL_PORT)."),
    bindAddress: host().default("0.0.0.0").describe("Bind address (NOETL_HOST)."),
    workers: whole(1, 256).optional().describe("Tokio worker threads (NOETL_WORKERS). Default: the CPU count."),
    debug: z.boolean().default(false).describe("Debug tracing and verbose errors (NOETL_DEBUG). Never in production."),
    serverName: line(63)
      .default("noetl-control-plane")
      .describe("Name the server reports of itself (NOETL_SERVER_NAME)."),
    publicUrl: httpUrl()
      .optional()
      .describe("URL workers call back on (NOETL_PUBLIC_SERVER_URL). Default: the Service inside the cluster."),
    tls: z
      .enum(["off", "tls", "mutual"])
      .default("off")
      .describe(
        "TLS of its port. `tls`: clients know it by a certificate (NOETL_TLS_CERT, NOETL_TLS_KEY). `mutual`: it also refuses everybody who presents none (NOETL_TLS_CLIENT_CA). Needs `tls.mode`; docs/components/mutual-tls.md says who presents what.",
      ),
    metrics: z.boolean().default(true).describe("Serve /metrics (false sets NOETL_DISABLE_METRICS)."),
    autoRecreateRuntime: z
      .boolean()
      .default(true)
      .describe("Register the server's runtime row at start when it is missing (NOETL_AUTO_RECREATE_RUNTIME)."),
    runtimeSweepInterval: whole(1, 3600)
      .default(30)
      .describe("Seconds between sweeps for offline worker pools (NOETL_RUNTIME_SWEEP_INTERVAL)."),
    runtimeOfflineSeconds: whole(1, 86400)
      .default(60)
      .describe(
        "Seconds without heartbeat until a pool counts as offline (NOETL_RUNTIME_OFFLINE_SECONDS; 60 in the server's code).",
      ),
    systemPluginDirectory: filePath()
      .optional()
      .describe(
        "Folder with the WASM modules of system playbooks, NAME.wasm for system/NAME (NOETL_SYSTEM_PLUGIN_DIR); the server offers them to the system pool. Default: of the image, /opt/noetl/plugins.",
      ),
    machineId: whole(0, 1023)
      .default(1)
      .describe(
        "Snowflake machine id of a single server, 10 bits (NOETL_SERVER_MACHINE_ID). More replicas take it from the pod index.",
      ),
    shards: z
      .strictObject({
        count: whole(1, 1024).default(1).describe("Shards of the cluster (NOETL_SHARD_COUNT). 1 disables sharding."),
        index: whole(0, 1023)
          .default(0)
          .describe("Shard of a single server (NOETL_SHARD_INDEX). More replicas take it from the pod index."),
        databases: z
          .enum(["one", "perShard"])
          .default("one")
          .describe(
            "`one`: all executions lie in `postgres.database`. `perShard`: those of each shard in a database of its own, which the schema Job makes on the same instance (`noetl_shard_0` and so on), unless `secrets.shardDsns` names others (NOETL_SHARDS, NOETL_CLUSTER_DSN).",
          ),
      })
      .prefault({})
      .describe("Which executions a server owns. Several replicas own one shard each, or all own everything."),
    flip: z
      .enum(["off", "shadow", "on"])
      .default("off")
      .describe(
        "How events reach the database. `off`: the server writes them. `shadow`: the same, with the system pool's materializer running idle beside it. `on`: the server publishes them to NATS (NOETL_EVENT_INGEST_PUBLISH_ONLY) and the materializer writes them. Go one step at a time; see docs/components/noetl-server.md.",
      ),
    pool: z
      .strictObject({
        max: whole(1, 1000).default(10).describe("Largest connection pool (POSTGRES_MAX_CONNECTIONS)."),
        min: whole(0, 1000).default(1).describe("Connections kept warm (POSTGRES_MIN_CONNECTIONS)."),
        acquireTimeout: whole(1, 600)
          .default(30)
          .describe("Seconds until waiting for a connection fails (POSTGRES_ACQUIRE_TIMEOUT)."),
      })
      .prefault({})
      .describe("The server's connection pool to PostgreSQL, per replica."),
    keychain,
    rustLog: line(255)
      .optional()
      .describe("Log filter (RUST_LOG), such as info,noetl_server=debug. Default: of the build."),
    resources: resources({
      requests: { cpu: "250m", memory: "256Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    }),
  })
  .prefault({})
  .describe("The NoETL server: API, scheduling, event log.");
