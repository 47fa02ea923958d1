import type { Monitored, Placed, Thresholds } from "../monitored";
import type { RuleGroup } from "../rules";

/** Whether pools are scaled. */
export function kedaGroup({ namespace, job }: Placed, workers: string): RuleGroup {
  return {
    name: "noetl-keda",
    interval: "30s",
    scope: "cluster",
    rules: [
      {
        alert: "KedaDown",
        expr: `absent(up{namespace="${namespace}",job="${job}"} == 1)`,
        for: "5m",
        severity: "warning",
        component: "keda",
        summary: "KEDA's operator does not answer",
        description: "Pools keep the pods they have, whatever waits for them.",
      },
      {
        alert: "KedaScalerErrors",
        expr: `sum by (scaledObject, scaler) (rate(keda_scaler_detail_errors_total{namespace="${namespace}",job="${job}",exported_namespace="${workers}"}[5m])) > 0`,
        for: "10m",
        severity: "warning",
        component: "keda",
        summary: "{{ $labels.scaledObject }} cannot read its lag",
        description:
          "KEDA cannot ask NATS for the consumer, or there is none of that name: the pool stays as it is, or goes to its fallback.",
      },
    ],
  };
}

/** Whether there are connections to the database left. */
export function pgbouncerGroup({ namespace, job }: Placed, { connectionPercent }: Thresholds): RuleGroup {
  const place = `namespace="${namespace}",job="${job}"`;
  return {
    name: "noetl-pgbouncer",
    interval: "30s",
    scope: "cluster",
    rules: [
      {
        alert: "PgBouncerDown",
        expr: `absent(pgbouncer_up{${place}} == 1)`,
        for: "2m",
        severity: "critical",
        component: "database",
        summary: "No PgBouncer answers",
        description: "The server reaches its database through it.",
      },
      {
        alert: "ConnectionPoolNearBudget",
        expr: `pgbouncer_databases_current_connections{${place}} / pgbouncer_databases_pool_size{${place}} > ${connectionPercent / 100}`,
        for: "10m",
        severity: "warning",
        component: "database",
        summary: "Database {{ $labels.name }} has {{ $value | humanizePercentage }} of the connections it may have",
        description: "When all are in use, requests wait.",
      },
      {
        alert: "ConnectionPoolWaiting",
        expr: `pgbouncer_pools_client_maxwait_seconds{${place}} > 5`,
        for: "2m",
        severity: "critical",
        component: "database",
        summary: "Requests have waited {{ $value }} s for a connection to {{ $labels.database }}",
        description: "All connections are in use: the server answers late, or not at all.",
      },
    ],
  };
}

/** Whether certificates are renewed. */
export function certificatesGroup(
  { namespace, job, certificatesOf }: NonNullable<Monitored["certManager"]>,
  { certificateDays }: Thresholds,
): RuleGroup {
  const place = `namespace="${namespace}",job="${job}",exported_namespace=~"${certificatesOf.join("|")}"`;
  return {
    name: "noetl-certificates",
    interval: "1m",
    scope: "cluster",
    rules: [
      {
        alert: "CertificateExpiresSoon",
        expr: `certmanager_certificate_expiration_timestamp_seconds{${place}} - time() < ${certificateDays * 86400}`,
        for: "10m",
        severity: "critical",
        component: "tls",
        summary: "Certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }}",
        description: "Once it has ended, nobody who checks it connects any more.",
      },
      {
        alert: "CertificateRenewalOverdue",
        expr: `time() - certmanager_certificate_renewal_timestamp_seconds{${place}} > 3600`,
        for: "10m",
        severity: "warning",
        component: "tls",
        summary: "Certificate {{ $labels.name }} should have been renewed {{ $value | humanizeDuration }} ago",
        description: "cert-manager tries, and its issuer does not give a new one.",
      },
      {
        alert: "CertificateNotReady",
        expr: `certmanager_certificate_ready_status{${place},condition="True"} == 0`,
        for: "15m",
        severity: "warning",
        component: "tls",
        summary: "Certificate {{ $labels.name }} is not ready",
        description: "Its Secret is missing or does not fit: pods that mount it do not start.",
      },
    ],
  };
}

/** Reasons for which a container waits and does not start by itself. */
const STUCK =
  "CrashLoopBackOff|ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError";

/** Whether containers start. */
export function workloadsGroup(namespaces: readonly string[]): RuleGroup {
  return {
    name: "noetl-workloads",
    interval: "30s",
    scope: "cluster",
    rules: [
      {
        alert: "ContainerDoesNotStart",
        expr: `max by (namespace, pod, container, reason) (kube_pod_container_status_waiting_reason{namespace=~"${namespaces.join("|")}",reason=~"${STUCK}"}) > 0`,
        for: "10m",
        severity: "warning",
        component: "workload",
        summary: "{{ $labels.container }} of {{ $labels.pod }} does not start: {{ $labels.reason }}",
        description: "A container has waited for ten minutes, for a reason that does not go away by itself.",
      },
    ],
  };
}
