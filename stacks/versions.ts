/**
 * Every third-party version this program deploys, in one place. Nothing is `latest`; a bump is one line here and shows
 * up as a diff under `rendered/`.
 */
export const IMAGES = {
  /** NATS server; 2.12 is the first line with the `js-meta-only` health check fixed. https://hub.docker.com/_/nats */
  nats: "docker.io/library/nats:2.12.2-alpine",
  /** Runs beside each NATS server where asked for. https://hub.docker.com/r/natsio/prometheus-nats-exporter */
  natsExporter: "docker.io/natsio/prometheus-nats-exporter:0.17.3",
  /** Carries the `nats` command, which the wait-for-nats init container uses to prove a login. */
  natsBox: "docker.io/natsio/nats-box:0.19.2",
  /** PostgreSQL of the kind environment, and the `psql` of the schema Job. https://hub.docker.com/_/postgres */
  postgres: "docker.io/library/postgres:17.4",
  /** The pooler before PostgreSQL; 1.24 keeps protocol-level prepared statements. https://hub.docker.com/r/edoburu/pgbouncer */
  pgbouncer: "docker.io/edoburu/pgbouncer:v1.24.1-p1",
  /** Reaches Cloud SQL with encryption and a Google identity. https://github.com/GoogleCloudPlatform/cloud-sql-proxy */
  cloudSqlProxy: "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.3",
  /** Metrics of PgBouncer; knows the names of 1.24 from 0.12.1 on. https://github.com/prometheus-community/pgbouncer_exporter */
  pgbouncerExporter: "quay.io/prometheuscommunity/pgbouncer-exporter:v0.12.1",
  /** The worker's wait-for-server init container. */
  curl: "docker.io/curlimages/curl:8.7.1",
  /**
   * The NoETL control plane. Schema and image belong together: see docs/database-schema.md. So do server and worker:
   * server 2.42.0 leaves what worker 5.40.3 has finished at RUNNING.
   */
  noetlServer: "ghcr.io/noetl/server:3.39.3",
  /** The Rust worker. */
  noetlWorker: "ghcr.io/noetl/worker:5.40.3",
  /** The Python package: server of old, the Python worker, which runs tool `agent`, and the Ollama bridge. */
  noetlPython: "ghcr.io/noetl/noetl:v2.35.9",
  /** The gateway. It has `/sharding/preview` from 3.2.0 on. */
  noetlGateway: "ghcr.io/noetl/gateway:v3.4.0",
  /** Does nothing, in the pods that hold what the Secrets Store CSI driver mounts. */
  pause: "registry.k8s.io/pause:3.10.1",
  /**
   * Speaks TLS for programs that can present no certificate to the server. A long-term support line.
   * https://hub.docker.com/_/haproxy
   */
  haproxy: "docker.io/library/haproxy:3.2.4-alpine",
  /** Language models behind the Ollama bridge; gemma3 needs 0.6 or newer. https://hub.docker.com/r/ollama/ollama */
  ollama: "docker.io/ollama/ollama:0.12.6",
} as const;

/** Helm charts of operators that a cluster has once, and that are nobody's own. */
export const CHARTS = {
  /**
   * KEDA, the same number as the operator's. From 2.20 on a consumer that is missing, or in another account, is an
   * error; before, its lag was 0, or the whole stream (KEDA issue 7657). https://github.com/kedacore/charts
   */
  keda: { repository: "https://kedacore.github.io/charts", chart: "keda", version: "2.20.2" },
  /** cert-manager, the same number as the operator's. https://github.com/cert-manager/cert-manager */
  certManager: { repository: "https://charts.jetstack.io", chart: "cert-manager", version: "v1.21.2" },
  /** JetStream controller 0.23.0, which this program does not install. https://github.com/nats-io/nack */
  nack: { repository: "https://nats-io.github.io/k8s/helm/charts/", chart: "nack", version: "0.34.0" },
} as const;
