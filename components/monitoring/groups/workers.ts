import type { Monitored, MonitoredPool } from "../monitored";
import type { AlertingRule, RuleGroup } from "../rules";

/** Whether commands get done: lag, pods, and what workers fail at. */
export function consumersGroup({ pools, thresholds: { consumerLag } }: Monitored): RuleGroup {
  const steady = pools.filter((pool) => pool.steady);
  const scaled = pools.filter(({ scaling }) => scaling !== undefined);
  return {
    name: "noetl-consumers",
    interval: "15s",
    scope: "namespace",
    rules: [
      {
        record: "noetl:consumer_lag",
        expr: "max by (stream, consumer) (noetl_worker_nats_consumer_pending + noetl_worker_nats_consumer_ack_pending)",
      },
      alert({
        alert: "ConsumerLagNotFalling",
        // The materializer's backlog has alerts of its own.
        expr: `noetl:consumer_lag{consumer!="noetl_materializer"} > ${consumerLag} and deriv(noetl:consumer_lag{consumer!="noetl_materializer"}[15m]) >= 0`,
        for: "15m",
        severity: "warning",
        summary: "{{ $value }} commands of {{ $labels.consumer }} wait or are in work, and they do not get fewer",
        description: `More than ${consumerLag} commands for half an hour, and no sign that the pool catches up.`,
      }),
      ...(steady.length === 0
        ? []
        : [
            alert({
              alert: "WorkerPoolAbsent",
              expr: steady.map((pool) => `absent(noetl_worker_nats_consumer_pending${selectorOf(pool)})`).join(" or "),
              for: "5m",
              severity: "critical",
              summary: "No worker reads {{ $labels.consumer }}",
              description:
                "No pod of the pool tells of its consumer: it has none, or they cannot be scraped. Its commands wait.",
            }),
          ]),
      ...(scaled.length === 0
        ? []
        : [
            alert({
              alert: "WorkerPoolAtMaximum",
              expr: scaled.map(atMaximum).join(" or "),
              for: "15m",
              severity: "warning",
              summary: "The pool of {{ $labels.consumer }} has all pods it may have, and {{ $value }} commands wait",
              description: "The scaler would make more pods, and maxReplicas does not let it.",
            }),
          ]),
      alert({
        alert: "ClaimFailureSpin",
        expr: 'sum(rate(noetl_worker_pulls_total{outcome="failed"}[5m])) > 5',
        for: "5m",
        severity: "critical",
        summary: "Workers fail to claim commands {{ $value | humanize }} times a second",
        description: "A command that cannot be claimed goes back to the stream at once and comes again at once.",
      }),
      alert({
        alert: "EventEmissionRetrying",
        expr: "sum(rate(noetl_worker_event_emit_retries_total[10m])) > 0.1",
        for: "10m",
        severity: "warning",
        summary: "Workers repeat {{ $value | humanize }} events a second",
        description:
          "Telling the server of events fails at first. An event that is given up leaves its execution without an end.",
      }),
      alert({
        alert: "ResultStorePutErrors",
        expr: "sum(increase(noetl_worker_result_store_put_errors_total[10m])) > 0",
        for: "5m",
        severity: "warning",
        summary: "Results could not be stored {{ $value | humanize }} times in ten minutes",
        description:
          "Workers keep such a result in their own memory only, where workers on other nodes do not find it.",
      }),
    ],
  };
}

/** Messages from outside that start executions. */
export function subscriptionsGroup(): RuleGroup {
  return {
    name: "noetl-subscriptions",
    interval: "30s",
    scope: "namespace",
    rules: [
      alert({
        alert: "SubscriptionMessagesGivenUp",
        expr: "sum by (source) (increase(noetl_subscription_dead_lettered_total[15m])) > 0",
        severity: "critical",
        summary: "{{ $value | humanize }} messages of {{ $labels.source }} were given up",
        description:
          "Messages were put aside while the server did not take them, and have now been thrown out: too old, too many, or refused.",
      }),
      alert({
        alert: "SubscriptionSpooling",
        expr: "sum by (source) (noetl_subscription_spool_bytes) > 0",
        for: "15m",
        severity: "warning",
        summary: "{{ $value | humanize1024 }}B of {{ $labels.source }} are put aside",
        description: "The server has not taken messages for a quarter of an hour; the store for them is limited.",
      }),
    ],
  };
}

function selectorOf({ stream, consumer }: MonitoredPool): string {
  return `{stream=${JSON.stringify(stream)},consumer=${JSON.stringify(consumer)}}`;
}

/** More lag than the scaler's target for all the pods there may be, with that many pods there. */
function atMaximum(pool: MonitoredPool): string {
  const { maxReplicas = 0, lagThreshold = 0 } = pool.scaling ?? {};
  const [all, one] = ["noetl:consumer_lag", "noetl_worker_nats_consumer_pending"].map(
    (name) => `${name}${selectorOf(pool)}`,
  );
  return `(${all ?? ""} > ${maxReplicas * lagThreshold} and on (stream, consumer) (count by (stream, consumer) (${one ?? ""}) >= ${maxReplicas}))`;
}

function alert(rule: Omit<AlertingRule, "component">): AlertingRule {
  return { ...rule, component: "worker" };
}
