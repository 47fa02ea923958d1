import { counter, gauge, type ExporterFacts } from "./metric";

const SCALER = ["namespace", "metric", "scaledObject", "scaler", "triggerIndex", "type"];

/** What KEDA's operator tells. */
export const KEDA_METRICS: ExporterFacts = {
  title: "KEDA operator",
  source: "KEDA 2.20.2, pkg/metricscollector/prommetrics.go",
  honorsLabels: false,
  metrics: [
    gauge("keda_build_info", "1, with the version", ["version", "git_commit", "goversion", "goos", "goarch"]),
    gauge("keda_scaler_metrics_value", "lag that a scaler read", SCALER),
    gauge("keda_scaler_metrics_latency_seconds", "time that reading it took", SCALER),
    gauge("keda_scaler_active", "1 when a scaler has work", SCALER),
    counter("keda_scaler_detail_errors_total", "failed readings of a scaler", SCALER),
    counter("keda_scaled_object_errors_total", "failures of a ScaledObject", ["namespace", "scaledObject"]),
    gauge("keda_scaled_object_paused", "1 when a ScaledObject is paused", ["namespace", "scaledObject"]),
    gauge("keda_trigger_registered_total", "triggers", ["type"]),
    gauge("keda_resource_registered_total", "custom resources", ["type", "namespace"]),
    gauge("keda_internal_scale_loop_latency_seconds", "delay of the loop", ["namespace", "type", "resource"]),
  ],
};

const CERTIFICATE = ["name", "namespace", "issuer_name", "issuer_kind", "issuer_group"];

/** What cert-manager's controller tells of certificates. */
export const CERT_MANAGER_METRICS: ExporterFacts = {
  title: "cert-manager",
  source: "cert-manager 1.21.2, internal/collectors/certificate_collector.go",
  honorsLabels: false,
  metrics: [
    gauge("certmanager_certificate_expiration_timestamp_seconds", "when a certificate ends", CERTIFICATE),
    gauge("certmanager_certificate_renewal_timestamp_seconds", "when it is to be renewed", CERTIFICATE),
    gauge("certmanager_certificate_not_before_timestamp_seconds", "when it begins", CERTIFICATE),
    gauge("certmanager_certificate_not_after_timestamp_seconds", "when it ends, again", CERTIFICATE),
    gauge("certmanager_certificate_ready_status", "1 for the condition that holds", [...CERTIFICATE, "condition"]),
  ],
};

const POOL = ["database", "user"];
const DATABASE = ["name", "host", "port", "database", "force_user", "pool_mode"];

/** What the exporter beside PgBouncer tells. */
export const PGBOUNCER_METRICS: ExporterFacts = {
  title: "PgBouncer exporter",
  source: "prometheus-community/pgbouncer_exporter 0.11, collector.go",
  honorsLabels: false,
  metrics: [
    gauge("pgbouncer_up", "1 when PgBouncer answers"),
    gauge("pgbouncer_databases_pool_size", "most connections to a database", DATABASE),
    gauge("pgbouncer_databases_reserve_pool", "connections above that in need", DATABASE),
    gauge("pgbouncer_databases_max_connections", "limit of a database, 0 for none", DATABASE),
    gauge("pgbouncer_databases_current_connections", "connections to a database", DATABASE),
    gauge("pgbouncer_pools_client_active_connections", "clients that have a connection", POOL),
    gauge("pgbouncer_pools_client_waiting_connections", "clients that wait for one", POOL),
    gauge("pgbouncer_pools_client_maxwait_seconds", "how long the first of them has waited", POOL),
    gauge("pgbouncer_pools_server_active_connections", "connections in use", POOL),
    gauge("pgbouncer_pools_server_idle_connections", "connections not in use", POOL),
    gauge("pgbouncer_used_clients", "clients"),
    gauge("pgbouncer_free_clients", "room for clients that left"),
    gauge("pgbouncer_config_max_client_connections", "most clients"),
    counter("pgbouncer_stats_totals_client_wait_seconds_total", "time that clients waited", ["database"]),
    counter("pgbouncer_stats_totals_queries_pooled_total", "queries", ["database"]),
  ],
};

/** What the cluster tells of its objects: on GKE a package of its own, elsewhere kube-state-metrics. */
export const KUBE_STATE_METRICS: ExporterFacts = {
  title: "kube state metrics",
  source: "GKE packages POD, DEPLOYMENT, STATEFULSET and HPA; kube-state-metrics 2",
  honorsLabels: true,
  metrics: [
    gauge("kube_pod_container_status_ready", "1 when a container is ready", ["namespace", "pod", "uid", "container"]),
    gauge("kube_pod_container_status_waiting_reason", "1 for the reason that a container waits for", [
      "namespace",
      "pod",
      "uid",
      "container",
      "reason",
    ]),
    gauge("kube_pod_status_phase", "1 for the phase of a pod", ["namespace", "pod", "uid", "phase"]),
    gauge("kube_pod_status_unschedulable", "1 when a pod fits on no node", ["namespace", "pod", "uid"]),
    gauge("kube_deployment_spec_replicas", "pods that a Deployment wants", ["namespace", "deployment"]),
    gauge("kube_deployment_status_replicas_available", "pods of it that work", ["namespace", "deployment"]),
    gauge("kube_statefulset_replicas", "pods that a StatefulSet wants", ["namespace", "statefulset"]),
    gauge("kube_statefulset_status_replicas_ready", "pods of it that are ready", ["namespace", "statefulset"]),
    gauge("kube_horizontalpodautoscaler_spec_max_replicas", "most pods of an autoscaler", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
    gauge("kube_horizontalpodautoscaler_status_current_replicas", "pods now", ["namespace", "horizontalpodautoscaler"]),
    gauge("kube_horizontalpodautoscaler_status_desired_replicas", "pods that it wants", [
      "namespace",
      "horizontalpodautoscaler",
    ]),
  ],
};

/** What every scrape tells of itself. */
export const SCRAPE_METRICS: ExporterFacts = {
  title: "the scrape itself",
  source: "Prometheus, model of jobs and instances",
  honorsLabels: false,
  metrics: [
    gauge("up", "1 when the last scrape went well"),
    gauge("scrape_duration_seconds", "time that it took"),
    gauge("scrape_samples_scraped", "samples that it gave"),
  ],
};
