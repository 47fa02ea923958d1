import { type Dashboard, p95, perSecond } from "./model";

/** What each worker pool has to do, and whether its scaler keeps up. */
export const WORKERS: Dashboard = {
  uid: "noetl-workers",
  title: "NoETL / Worker pools",
  description: "Lag, pods and failures of each pool.",
  panels: [
    {
      title: "Commands that wait",
      description: "By consumer, one a pool. The scaler adds pods for them.",
      unit: "short",
      width: 12,
      queries: [{ expr: "max by (stream, consumer) (noetl_worker_nats_consumer_pending)", legend: "{{consumer}}" }],
    },
    {
      title: "Commands taken and not acknowledged",
      description: "By consumer. At its limit (max_ack_pending) a consumer gives out no more.",
      unit: "short",
      width: 12,
      queries: [{ expr: "max by (stream, consumer) (noetl_worker_nats_consumer_ack_pending)", legend: "{{consumer}}" }],
    },
    {
      title: "Pods of the autoscalers",
      description: "Now, wanted, and at most. At most for long: the pool is too small for its work.",
      unit: "short",
      width: 12,
      queries: [
        {
          expr: "max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas)",
          legend: "{{horizontalpodautoscaler}}",
        },
        {
          expr: "max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_desired_replicas)",
          legend: "{{horizontalpodautoscaler}} wanted",
        },
        {
          expr: "max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas)",
          legend: "{{horizontalpodautoscaler}} at most",
        },
      ],
    },
    {
      title: "Lag as KEDA reads it",
      description: "Should follow the commands that wait; a gap means that KEDA cannot ask NATS.",
      unit: "short",
      width: 12,
      queries: [
        { expr: "max by (scaledObject, metric) (keda_scaler_metrics_value)", legend: "{{scaledObject}} {{metric}}" },
      ],
    },
    {
      title: "Commands in work",
      description: "By pod, at most WORKER_MAX_CONCURRENT each.",
      unit: "short",
      queries: [{ expr: "sum by (pod) (noetl_worker_concurrent_dispatches)", legend: "{{pod}}" }],
    },
    {
      title: "Commands taken",
      description: "By outcome of asking the server for them.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_worker_pulls_total", "outcome"), legend: "{{outcome}}" }],
    },
    {
      title: "Commands that fail",
      description: "By kind of tool.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_worker_dispatch_errors_total", "tool_kind"), legend: "{{tool_kind}}" }],
    },
    {
      title: "Time that commands take",
      description: "95 of 100 took less, by kind of tool.",
      unit: "s",
      queries: [{ expr: p95("noetl_worker_dispatch_duration_seconds", "tool_kind"), legend: "{{tool_kind}}" }],
    },
    {
      title: "Events told again",
      description: "Because the server did not take them the first time.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_worker_event_emit_retries_total", "event_type"), legend: "{{event_type}}" }],
    },
    {
      title: "Errors of scalers",
      description: "KEDA cannot read a lag: the pool stays as large as it is.",
      unit: "reqps",
      queries: [{ expr: perSecond("keda_scaler_detail_errors_total", "scaledObject"), legend: "{{scaledObject}}" }],
    },
  ],
};
