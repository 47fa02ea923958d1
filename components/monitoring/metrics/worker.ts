import { counter, gauge, histogram, type ExporterFacts } from "./metric";

const CONSUMER = ["stream", "consumer"];

/** What the Rust worker tells at /metrics, the system pool's included. */
export const WORKER_METRICS: ExporterFacts = {
  title: "Rust worker",
  source: "noetl/worker 5.40.3, src/metrics.rs",
  honorsLabels: false,
  metrics: [
    counter("noetl_worker_pulls_total", "commands taken from NATS and asked of the server", ["outcome"]),
    histogram("noetl_worker_pull_duration_seconds", "time that both took"),
    histogram("noetl_worker_dispatch_duration_seconds", "time that a command took", ["tool_kind"]),
    counter("noetl_worker_dispatch_errors_total", "commands that failed", ["tool_kind"]),
    gauge("noetl_worker_concurrent_dispatches", "commands in work"),
    histogram("noetl_worker_event_emit_duration_seconds", "time that telling the server of an event took", [
      "event_type",
    ]),
    counter("noetl_worker_event_emit_retries_total", "events told again because the first time failed", ["event_type"]),
    gauge("noetl_worker_nats_consumer_pending", "messages that wait for the consumer", CONSUMER),
    gauge("noetl_worker_nats_consumer_ack_pending", "messages taken and not acknowledged", CONSUMER),
    histogram("noetl_worker_result_store_put_duration_seconds", "time that storing a result took"),
    counter("noetl_worker_result_store_put_bytes_total", "bytes of results stored"),
    counter("noetl_worker_result_store_put_errors_total", "results that could not be stored"),
    counter("noetl_worker_call_done_skipped_pending_callback_total", "ends that are left to a callback", ["tool_kind"]),
    counter("noetl_worker_materializer_drained_total", "events taken from the stream"),
    counter("noetl_worker_materializer_projected_total", "events written"),
    counter("noetl_worker_materializer_duplicates_total", "events that were written already"),
    counter("noetl_worker_materializer_acked_total", "events acknowledged after they were written"),
    counter("noetl_worker_materializer_project_errors_total", "batches that could not be written and come again"),
    histogram("noetl_worker_materializer_cycle_duration_seconds", "time of one round of take, write, acknowledge"),
    counter("noetl_worker_state_builder_wal_events_total", "events that the state builder took from the stream"),
    gauge("noetl_worker_state_builder_indexed_executions", "executions that it knows"),
    counter("noetl_worker_state_builder_event_scans_total", "scans of the event table that it asked for; stays 0"),
    counter("noetl_worker_state_builder_builds_total", "states that it built", ["outcome"]),
    histogram("noetl_worker_state_builder_chain_hops", "events read to build a state anew"),
    counter("noetl_worker_state_builder_drive_builds_total", "states for orchestration: from the stream, or not", [
      "outcome",
    ]),
  ],
};

/** What subscriptions tell besides. */
export const SUBSCRIPTION_METRICS: ExporterFacts = {
  title: "subscription runtime",
  source: "noetl/worker 5.40.3, src/metrics.rs",
  honorsLabels: false,
  metrics: [
    counter("noetl_subscription_messages_received_total", "messages that came", ["source"]),
    counter("noetl_subscription_executions_total", "executions that they started", ["source", "outcome"]),
    counter("noetl_subscription_directives_applied_total", "directives in headers of messages", ["controls"]),
    counter("noetl_subscription_spooled_total", "messages put aside while the server is away", ["source"]),
    gauge("noetl_subscription_spool_bytes", "bytes put aside", ["source"]),
    counter("noetl_subscription_circuit_transitions_total", "openings and closings of a circuit breaker", [
      "downstream",
      "transition",
    ]),
    counter("noetl_subscription_dead_lettered_total", "messages given up", ["source"]),
    counter("noetl_subscription_batch_dispatch_total", "batches sent to the server", ["source"]),
    counter("noetl_subscription_batch_messages_total", "messages in batches", ["source"]),
    counter("noetl_subscription_rate_limited_total", "times that a rate limit held", ["source", "reason"]),
  ],
};

/** What the gateway tells of pushes. */
export const GATEWAY_METRICS: ExporterFacts = {
  title: "gateway",
  source: "noetl/gateway v3.4.0, src/ingress/mod.rs",
  honorsLabels: false,
  metrics: [
    counter("noetl_ingress_received_total", "pushes that came", ["subscription"]),
    counter("noetl_ingress_rejected_total", "pushes refused", ["subscription", "reason"]),
    counter("noetl_ingress_dispatched_total", "pushes that started an execution", ["subscription"]),
  ],
};
