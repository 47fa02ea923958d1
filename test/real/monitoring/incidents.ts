import { counter, gauge, type Incident } from "./timeline";

/*
 * An incident for every alert of the platform: what is measured, minute by minute, from when on the condition holds, and
 * when it is over. The first half hour is always sound, often just below the threshold.
 */

const MATERIALIZER = 'stream="noetl_events",consumer="noetl_materializer",pod="system-0"';
const PENDING = "noetl_worker_nats_consumer_pending";
const ACK_PENDING = "noetl_worker_nats_consumer_ack_pending";
const COMMANDS = 'stream="NOETL_COMMANDS",consumer="noetl_worker_pool_shared"';
const NATS = 'job="nats",server_id="N0",pod="nats-0"';
const DATABASE = 'job="pgbouncer",pod="pgbouncer-0",name="noetl",database="noetl"';
const POOL = 'job="pgbouncer",pod="pgbouncer-0",database="noetl",user="noetl"';
const CERTIFICATE = 'job="cert-manager",exported_namespace="noetl",name="server"';

/** Events that wait for the materializer, as two pods of the system pool tell it. */
function backlog(...phases: [number, number][]) {
  return [
    gauge(`${PENDING}{${MATERIALIZER}}`, ...phases),
    gauge(`${ACK_PENDING}{${MATERIALIZER}}`, [0, 120]),
    gauge(`${PENDING}{${MATERIALIZER.replace("-0", "-1")}}`, [1, 120]),
    gauge(`${ACK_PENDING}{${MATERIALIZER.replace("-0", "-1")}}`, [0, 120]),
  ];
}

/** So many pods that tell of a consumer. */
function pods(count: number, ...phases: [number, number][]) {
  return Array.from({ length: count }, (_, index) => [
    gauge(`${PENDING}{${COMMANDS},pod="worker-${index}"}`, ...phases),
    gauge(`${ACK_PENDING}{${COMMANDS},pod="worker-${index}"}`, [0, 120]),
  ]).flat();
}

/** The servers of NATS; of each, who its leader is, and for how long. */
function servers(...each: [leader: string, minutes: number | undefined, back?: number][]) {
  return each.map(([leader, minutes, back], index) =>
    gauge(
      `nats_server_jetstream_disabled{job="nats",pod="nats-${index}",server_name="nats-${index}",meta_leader="${leader}"}`,
      [0, minutes ?? 120],
      ...(minutes === undefined ? [] : [["stale", (back ?? 120) - minutes] as [string, number]]),
      ...(back === undefined ? [] : [[0, 50] as [number, number]]),
    ),
  );
}

export const INCIDENTS: readonly Incident[] = [
  {
    alert: "MaterializerBacklogWarning",
    series: backlog([200, 30], [201, 20], [0, 60]),
    from: 30,
    resolved: 50,
    says: "The materializer falls behind: 201 events wait",
  },
  {
    alert: "MaterializerBacklogCritical",
    series: backlog([2000, 30], [2001, 10], [0, 60]),
    from: 30,
    resolved: 40,
    says: "The materializer is far behind: 2001 events wait",
  },
  {
    alert: "MaterializerBacklogGrowing",
    series: backlog(
      [201, 30],
      ...Array.from({ length: 30 }, (_, index) => [202 + index, 1] as [number, number]),
      [0, 60],
    ),
    from: 30,
    resolved: 60,
    says: "The materializer does not catch up: 217 events wait, and more every minute",
  },
  {
    alert: "MaterializerStalledUnderGate",
    series: [
      counter('noetl_event_ingest_published_total{event_type="a",pod="s-0"}', [0, 30], [60, 20], [0, 60]),
      counter('noetl_worker_materializer_acked_total{pod="system-0"}', [0, 120]),
      ...backlog([10, 120]),
    ],
    from: 30,
    resolved: 57,
    says: "Events are published, and none is written",
    silent: [
      // After a burst nothing is left to acknowledge.
      [
        counter('noetl_event_ingest_published_total{event_type="a",pod="s-0"}', [0, 30], [60, 20], [0, 60]),
        counter('noetl_worker_materializer_acked_total{pod="system-0"}', [0, 120]),
        gauge(`${PENDING}{${MATERIALIZER}}`, [0, 120]),
        gauge(`${ACK_PENDING}{${MATERIALIZER}}`, [0, 120]),
      ],
    ],
  },
  {
    alert: "MaterializerProjectErrors",
    series: [counter('noetl_worker_materializer_project_errors_total{pod="system-0"}', [0, 30], [1, 20], [0, 60])],
    from: 30,
    resolved: 57,
    says: "Writing events fails; their batches come again",
  },
  {
    alert: "MaterializerAbsentUnderGate",
    series: [
      counter('noetl_event_ingest_published_total{event_type="a",pod="s-0"}', [60, 120]),
      gauge('noetl_worker_materializer_acked_total{pod="system-0"}', [5, 30], ["stale", 20], [5, 60]),
    ],
    from: 30,
    resolved: 50,
    says: "Events are published, and nobody is there to write them",
  },
  {
    alert: "ConsumerLagNotFalling",
    series: pods(2, [100, 30], [101, 40], [0, 60]),
    from: 30,
    resolved: 70,
    labels: { stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_shared" },
    says: "101 commands of noetl_worker_pool_shared wait or are in work, and they do not get fewer",
    silent: [
      pods(2, ...Array.from({ length: 80 }, (_, index) => [2000 - 10 * index, 1] as [number, number])),
      backlog([5000, 120]),
    ],
  },
  {
    alert: "WorkerPoolAbsent",
    series: [
      gauge(`${PENDING}{stream="NOETL_COMMANDS",consumer="noetl_worker_pool_system"}`, [0, 120]),
      gauge(`${PENDING}{${COMMANDS}}`, [0, 30], ["stale", 20], [0, 60]),
    ],
    from: 30,
    resolved: 50,
    labels: { stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_shared" },
    says: "No worker reads noetl_worker_pool_shared",
  },
  {
    alert: "WorkerPoolAtMaximum",
    series: pods(20, [100, 30], [101, 40], [0, 60]),
    from: 30,
    resolved: 70,
    labels: { stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_shared" },
    says: "The pool of noetl_worker_pool_shared has all pods it may have, and 101 commands wait",
    silent: [pods(19, [5000, 120])],
  },
  {
    alert: "WorkerPoolAtMaximum",
    series: pods(10, [100, 30], [101, 40], [0, 60]).map(({ series, values }) => ({
      series: series.replace("_shared", "_system"),
      values,
    })),
    from: 30,
    resolved: 70,
    labels: { stream: "NOETL_COMMANDS", consumer: "noetl_worker_pool_system" },
    says: "The pool of noetl_worker_pool_system has all pods it may have, and 101 commands wait",
  },
  {
    alert: "ClaimFailureSpin",
    series: [
      counter('noetl_worker_pulls_total{outcome="failed",pod="w-0"}', [240, 30], [900, 20], [0, 60]),
      counter('noetl_worker_pulls_total{outcome="claimed",pod="w-0"}', [9000, 120]),
    ],
    from: 30,
    resolved: 57,
    says: "Workers fail to claim commands 15 times a second",
  },
  {
    alert: "EventEmissionRetrying",
    series: [counter('noetl_worker_event_emit_retries_total{event_type="a",pod="w-0"}', [5, 30], [60, 20], [0, 60])],
    from: 30,
    resolved: 62,
    says: "Workers repeat 1 events a second",
  },
  {
    alert: "ResultStorePutErrors",
    series: [counter('noetl_worker_result_store_put_errors_total{pod="w-0"}', [0, 30], [1, 20], [0, 60])],
    from: 30,
    resolved: 62,
    says: "Results could not be stored 6 times in ten minutes",
  },
  {
    alert: "SubscriptionMessagesGivenUp",
    series: [counter('noetl_subscription_dead_lettered_total{source="kafka",pod="s-0"}', [0, 30], [1, 1], [0, 60])],
    from: 30,
    resolved: 47,
    labels: { source: "kafka" },
    says: "1 messages of kafka were given up",
  },
  {
    alert: "SubscriptionSpooling",
    series: [gauge('noetl_subscription_spool_bytes{source="kafka",pod="s-0"}', [0, 30], [1, 20], [0, 60])],
    from: 30,
    resolved: 50,
    labels: { source: "kafka" },
    says: "1B of kafka are put aside",
  },
  {
    alert: "NoetlServerDown",
    series: [
      gauge('up{job="noetl-server",pod="s-0"}', [1, 30], [0, 20], [1, 60]),
      gauge('up{job="noetl-server",pod="s-1"}', [0, 50], [1, 60]),
    ],
    from: 30,
    resolved: 50,
    says: "No NoETL server answers",
  },
  {
    alert: "NoetlServerReplicasMissing",
    series: [0, 1, 2].map((index) =>
      gauge(`up{job="noetl-server",pod="s-${index}"}`, [1, 30], [index === 1 ? 0 : 1, 20], [1, 60]),
    ),
    from: 30,
    resolved: 50,
    says: "2 of 3 NoETL servers answer",
  },
  {
    alert: "NoetlServerRestarting",
    series: [
      gauge('noetl_write_requests_total{endpoint="e",status="ok",pod="s-0"}', [9, 30], [8, 1], [7, 1], [6, 70]),
      gauge('noetl_write_requests_total{endpoint="e",status="ok",pod="s-1"}', [9, 30], [8, 1], [7, 80]),
    ],
    from: 32,
    resolved: 63,
    labels: { pod: "s-0" },
    says: "s-0 starts again and again",
  },
  {
    alert: "NoetlServerRestarting",
    series: [gauge('up{job="noetl-server",pod="s-0"}', [1, 30], [0, 1], [1, 1], [0, 1], [1, 1], [0, 1], [1, 70])],
    from: 34,
    resolved: 66,
    labels: { pod: "s-0" },
    says: "s-0 starts again and again",
  },
  {
    alert: "NoetlServerEventErrors",
    series: [
      counter('noetl_events_ingested_total{event_type="a",status="ok",pod="s-0"}', [96, 30], [80, 20], [100, 60]),
      counter('noetl_events_ingested_total{event_type="a",status="error",pod="s-0"}', [4, 30], [20, 20], [0, 60]),
    ],
    from: 30,
    resolved: 61,
    says: "The server fails on 13.6% of the events it is told",
  },
  {
    alert: "EventStreamSkipped",
    series: [counter('noetl_event_stream_skipped_total{event_type="call.done",pod="s-0"}', [0, 30], [1, 1], [0, 60])],
    from: 30,
    resolved: 47,
    labels: { event_type: "call.done" },
    says: "1 events of type call.done were too large for NATS",
  },
  {
    alert: "StateBuildParityMismatch",
    series: [
      counter('noetl_state_build_parity_total{result="mismatch",pod="s-0"}', [0, 30], [1, 1], [0, 60]),
      counter('noetl_state_build_parity_total{result="match",pod="s-0"}', [100, 120]),
    ],
    from: 30,
    resolved: 47,
    says: "Two ways to build an execution's state gave different states",
  },
  {
    alert: "OffserverDriveFallbackCliff",
    series: [
      counter(
        'noetl_worker_state_builder_drive_builds_total{outcome="served",pod="y-0"}',
        [99, 30],
        [50, 20],
        [100, 60],
      ),
      counter(
        'noetl_worker_state_builder_drive_builds_total{outcome="fallback_incomplete",pod="y-0"}',
        [1, 30],
        [50, 20],
        [0, 60],
      ),
    ],
    from: 30,
    resolved: 62,
    says: "50% of the states for orchestration were not complete in the stream",
  },
  {
    alert: "OffserverDriveDispatchLatencyP95High",
    series: [
      ...(["1", "2.5"] as const).map((le) =>
        counter(
          `noetl_worker_dispatch_duration_seconds_bucket{tool_kind="wasm",pod="y-0",le="${le}"}`,
          [16, 30],
          [0, 30],
          [16, 60],
        ),
      ),
      ...(["5", "+Inf"] as const).map((le) =>
        counter(`noetl_worker_dispatch_duration_seconds_bucket{tool_kind="wasm",pod="y-0",le="${le}"}`, [16, 120]),
      ),
      counter('noetl_worker_dispatch_duration_seconds_bucket{tool_kind="http",pod="y-0",le="+Inf"}', [1000, 120]),
    ],
    from: 31,
    resolved: 91,
    says: "Orchestration steps take 4.687s",
  },
  {
    alert: "OffserverEventScans",
    series: [counter('noetl_worker_state_builder_event_scans_total{pod="y-0"}', [0, 30], [1, 1], [0, 60])],
    from: 30,
    resolved: 47,
    says: "The state builder scanned the event table 1 times",
  },
  {
    alert: "NatsServerMissing",
    namespace: "nats",
    series: servers(["nats-0", undefined], ["nats-0", 30, 50], ["nats-0", undefined]),
    from: 30,
    resolved: 50,
    says: "2 of 3 NATS servers answer",
  },
  {
    alert: "NatsServerMissing",
    namespace: "nats",
    series: servers(["nats-0", 30, 50], ["nats-0", 30, 50], ["nats-0", 30, 50]),
    from: 30,
    resolved: 50,
    says: "0 of 3 NATS servers answer",
  },
  {
    alert: "NatsQuorumLost",
    namespace: "nats",
    series: [
      ...servers(["nats-2", 30, 50], ["nats-2", undefined]),
      gauge(
        'nats_server_jetstream_disabled{job="nats",pod="nats-0",server_name="nats-0",meta_leader=""}',
        ["_", 30],
        [0, 20],
        ["stale", 1],
      ),
    ],
    from: 30,
    resolved: 50,
    says: "1 of 3 NATS servers know a leader; 2 must",
  },
  {
    alert: "NatsQuorumLost",
    namespace: "nats",
    series: servers(["nats-2", 30, 50], ["nats-2", 30, 50], ["nats-2", 30, 50]),
    from: 30,
    resolved: 50,
    says: "0 of 3 NATS servers know a leader; 2 must",
  },
  {
    alert: "NatsRouteLoss",
    namespace: "nats",
    series: [gauge(`nats_routez_num_routes{${NATS}}`, [8, 30], [7, 20], [8, 60])],
    from: 30,
    resolved: 50,
    labels: { namespace: "nats", job: "nats", server_id: "N0", pod: "nats-0" },
    says: "nats-0 has 7 of 8 connections to the other servers",
  },
  ...(["storage", "memory"] as const).map((store): Incident => ({
    alert: store === "storage" ? "JetStreamStorageHigh" : "JetStreamMemoryHigh",
    namespace: "nats",
    series: [
      gauge(`nats_varz_jetstream_stats_${store}{${NATS}}`, [800, 30], [810, 20], [0, 60]),
      gauge(`nats_varz_jetstream_config_max_${store}{${NATS}}`, [1000, 120]),
    ],
    from: 30,
    resolved: 50,
    labels: { namespace: "nats", job: "nats", server_id: "N0", pod: "nats-0" },
    says: `The ${store === "storage" ? "file" : "memory"} store of nats-0 is at 81%`,
  })),
  {
    alert: "NatsConsumerStalled",
    namespace: "nats",
    series: [
      gauge(
        'nats_consumer_num_pending{job="nats",pod="nats-0",stream_name="S",consumer_name="c",is_consumer_leader="true"}',
        [5, 120],
      ),
      gauge(
        'nats_consumer_num_pending{job="nats",pod="nats-1",stream_name="S",consumer_name="c",is_consumer_leader="false"}',
        [0, 120],
      ),
      counter(
        'nats_consumer_delivered_consumer_seq{job="nats",pod="nats-0",stream_name="S",consumer_name="c",is_consumer_leader="true"}',
        [1, 30],
        [0, 30],
        [1, 60],
      ),
    ],
    from: 49,
    resolved: 60,
    labels: { stream_name: "S", consumer_name: "c" },
    says: "5 messages wait for c, and none was taken in twenty minutes",
    silent: [
      [
        gauge(
          'nats_consumer_num_pending{job="nats",pod="nats-0",stream_name="S",consumer_name="c",is_consumer_leader="true"}',
          [0, 120],
        ),
        gauge(
          'nats_consumer_delivered_consumer_seq{job="nats",pod="nats-0",stream_name="S",consumer_name="c",is_consumer_leader="true"}',
          [9, 120],
        ),
      ],
    ],
  },
  {
    alert: "NatsSlowConsumers",
    namespace: "nats",
    series: [gauge(`nats_varz_slow_consumers{${NATS}}`, [1, 30], [3, 90])],
    from: 30,
    resolved: 42,
    labels: { namespace: "nats", job: "nats", server_id: "N0", pod: "nats-0" },
    says: "nats-0 cut off 2 clients for being slow",
  },
  {
    alert: "NoetlServerWithoutMessaging",
    series: [
      counter('noetl_execute_outcomes_total{entry="single",outcome="new",pod="s-0",namespace="noetl"}', [5, 120]),
      counter(
        'nats_stream_last_seq{job="nats",pod="nats-0",stream_name="NOETL_COMMANDS",namespace="nats"}',
        [9, 30],
        [0, 30],
        [9, 60],
      ),
    ],
    from: 39,
    resolved: 60,
    says: "Executions begin, and no command is sent",
    silent: [
      [
        counter(
          'noetl_execute_outcomes_total{entry="single",outcome="duplicate",pod="s-0",namespace="noetl"}',
          [5, 120],
        ),
        gauge('nats_stream_last_seq{job="nats",pod="nats-0",stream_name="NOETL_COMMANDS",namespace="nats"}', [9, 120]),
      ],
    ],
  },
  {
    alert: "KedaDown",
    namespace: "keda",
    series: [gauge('up{job="keda",pod="k-0"}', [1, 30], [0, 20], [1, 60])],
    from: 30,
    resolved: 50,
    labels: {},
    says: "KEDA's operator does not answer",
  },
  {
    alert: "KedaScalerErrors",
    namespace: "keda",
    series: [
      counter(
        'keda_scaler_detail_errors_total{job="keda",pod="k-0",exported_namespace="noetl",scaledObject="o",scaler="s"}',
        [0, 30],
        [1, 20],
        [0, 60],
      ),
      counter(
        'keda_scaler_detail_errors_total{job="keda",pod="k-0",exported_namespace="else",scaledObject="x",scaler="s"}',
        [1, 120],
      ),
    ],
    from: 30,
    resolved: 57,
    labels: { scaledObject: "o", scaler: "s" },
    says: "o cannot read its lag",
  },
  {
    alert: "PgBouncerDown",
    namespace: "postgres",
    series: [gauge('pgbouncer_up{job="pgbouncer",pod="p-0"}', [1, 30], [0, 20], [1, 60])],
    from: 30,
    resolved: 50,
    says: "No PgBouncer answers",
  },
  {
    alert: "ConnectionPoolNearBudget",
    namespace: "postgres",
    series: [
      gauge(`pgbouncer_databases_current_connections{${DATABASE}}`, [40, 30], [41, 20], [0, 60]),
      gauge(`pgbouncer_databases_pool_size{${DATABASE}}`, [50, 120]),
    ],
    from: 30,
    resolved: 50,
    labels: { namespace: "postgres", job: "pgbouncer", pod: "pgbouncer-0", name: "noetl", database: "noetl" },
    says: "Database noetl has 82% of the connections it may have",
  },
  {
    alert: "ConnectionPoolWaiting",
    namespace: "postgres",
    series: [gauge(`pgbouncer_pools_client_maxwait_seconds{${POOL}}`, [5, 30], [6, 20], [0, 60])],
    from: 30,
    resolved: 50,
    labels: { namespace: "postgres", job: "pgbouncer", pod: "pgbouncer-0", database: "noetl", user: "noetl" },
    says: "Requests have waited 6 s for a connection to noetl",
  },
  {
    alert: "CertificateExpiresSoon",
    namespace: "cert-manager",
    series: [
      gauge(`certmanager_certificate_expiration_timestamp_seconds{${CERTIFICATE}}`, [7 * 86400 + 1800, 60], [9e6, 60]),
    ],
    from: 31,
    resolved: 60,
    labels: { namespace: "cert-manager", job: "cert-manager", exported_namespace: "noetl", name: "server" },
    says: "Certificate server ends in 6d 23h 49m 0s",
  },
  {
    alert: "CertificateRenewalOverdue",
    namespace: "cert-manager",
    series: [gauge(`certmanager_certificate_renewal_timestamp_seconds{${CERTIFICATE}}`, [-1800, 60], [9e6, 60])],
    from: 31,
    resolved: 60,
    labels: { namespace: "cert-manager", job: "cert-manager", exported_namespace: "noetl", name: "server" },
    says: "Certificate server should have been renewed 1h 11m 0s ago",
  },
  {
    alert: "CertificateNotReady",
    namespace: "cert-manager",
    series: [gauge(`certmanager_certificate_ready_status{${CERTIFICATE},condition="True"}`, [1, 30], [0, 20], [1, 60])],
    from: 30,
    resolved: 50,
    labels: {
      namespace: "cert-manager",
      job: "cert-manager",
      exported_namespace: "noetl",
      name: "server",
      condition: "True",
    },
    says: "Certificate server is not ready",
  },
  {
    alert: "ContainerDoesNotStart",
    series: [
      gauge(
        'kube_pod_container_status_waiting_reason{pod="p-0",container="c",uid="u",reason="CrashLoopBackOff"}',
        [0, 30],
        [1, 20],
        [0, 60],
      ),
      gauge(
        'kube_pod_container_status_waiting_reason{pod="p-0",container="c",uid="u",reason="ContainerCreating"}',
        [1, 120],
      ),
    ],
    from: 30,
    resolved: 50,
    labels: { namespace: "noetl", pod: "p-0", container: "c", reason: "CrashLoopBackOff" },
    says: "c of p-0 does not start: CrashLoopBackOff",
  },
];
