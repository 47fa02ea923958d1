import { JOBS, type Monitored } from "../monitored";
import type { AlertingRule, RuleGroup } from "../rules";

const UP = `up{job="${JOBS.server}"}`;

/** Whether the server is there and does its work. */
export function serverGroup({ server: { replicas } }: Monitored): RuleGroup {
  return {
    name: "noetl-server",
    interval: "30s",
    scope: "namespace",
    rules: [
      alert({
        alert: "NoetlServerDown",
        expr: `absent(${UP} == 1)`,
        for: "2m",
        severity: "critical",
        summary: "No NoETL server answers",
        description:
          "No pod of the server could be scraped for two minutes: nothing starts, and workers cannot tell of what they did.",
      }),
      ...(replicas === 1
        ? []
        : [
            alert({
              alert: "NoetlServerReplicasMissing",
              expr: `sum(${UP}) < ${replicas}`,
              for: "10m",
              severity: "warning",
              summary: `{{ $value }} of ${replicas} NoETL servers answer`,
              description: "With shards, the executions of a missing server wait for it.",
            }),
          ]),
      alert({
        alert: "NoetlServerRestarting",
        // A counter that begins anew is a start; where nothing was counted, the scrape that failed in between tells.
        expr: `max by (pod) (resets(noetl_write_requests_total[30m])) > 2 or max by (pod) (changes(${UP}[30m])) > 4`,
        severity: "warning",
        summary: "{{ $labels.pod }} starts again and again",
        description: "More than two starts in half an hour.",
      }),
      alert({
        alert: "NoetlServerEventErrors",
        expr: 'sum(rate(noetl_events_ingested_total{status="error"}[10m])) / sum(rate(noetl_events_ingested_total[10m])) > 0.05',
        for: "5m",
        severity: "critical",
        summary: "The server fails on {{ $value | humanizePercentage }} of the events it is told",
        description:
          "An event that is not taken leaves its execution where it is. Mostly the database is away, slow, or full.",
      }),
      alert({
        alert: "EventStreamSkipped",
        expr: "sum by (event_type) (increase(noetl_event_stream_skipped_total[15m])) > 0",
        severity: "warning",
        summary: "{{ $value | humanize }} events of type {{ $labels.event_type }} were too large for NATS",
        description: "They are in the table and not in the stream: what reads the stream does not know of them.",
      }),
      alert({
        alert: "StateBuildParityMismatch",
        expr: 'sum(increase(noetl_state_build_parity_total{result="mismatch"}[15m])) > 0',
        severity: "warning",
        summary: "Two ways to build an execution's state gave different states",
        description: "The flip relies on both giving the same: do not turn it on.",
      }),
    ],
  };
}

/** What the flip changes on the way of an execution. */
export function offserverGroup(): RuleGroup {
  const drives = "noetl_worker_state_builder_drive_builds_total";
  return {
    name: "noetl-offserver-drive-latency",
    interval: "30s",
    scope: "namespace",
    rules: [
      {
        record: "noetl:offserver_drive_dispatch_p95_seconds",
        expr: 'histogram_quantile(0.95, sum by (le) (rate(noetl_worker_dispatch_duration_seconds_bucket{tool_kind="wasm"}[30m])))',
      },
      builder({
        alert: "OffserverDriveFallbackCliff",
        expr: `sum(rate(${drives}{outcome="fallback_incomplete"}[10m])) / sum(rate(${drives}[10m])) > 0.05`,
        for: "10m",
        severity: "warning",
        summary: "{{ $value | humanizePercentage }} of the states for orchestration were not complete in the stream",
        description:
          "The state builder lags, or started without the older events: the server's state is used instead, which is slower.",
      }),
      builder({
        alert: "OffserverDriveDispatchLatencyP95High",
        expr: "noetl:offserver_drive_dispatch_p95_seconds > 2",
        for: "10m",
        severity: "warning",
        summary: "Orchestration steps take {{ $value | humanizeDuration }}",
        description: "One in twenty takes longer than that. Each step of every playbook waits for one.",
      }),
      builder({
        alert: "OffserverEventScans",
        expr: "sum(increase(noetl_worker_state_builder_event_scans_total[15m])) > 0",
        severity: "warning",
        summary: "The state builder scanned the event table {{ $value | humanize }} times",
        description: "It is there so that nobody needs to; the count stays 0 in a sound system.",
      }),
    ],
  };
}

function alert(rule: Omit<AlertingRule, "component">): AlertingRule {
  return { ...rule, component: "server" };
}

function builder(rule: Omit<AlertingRule, "component">): AlertingRule {
  return { ...rule, component: "state-builder" };
}
