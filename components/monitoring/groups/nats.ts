import type { MonitoredNats, MonitoredServer, Thresholds } from "../monitored";
import type { AlertingRule, RuleGroup } from "../rules";

/** Whether NATS holds together, has room, and is read. */
export function natsGroup(nats: MonitoredNats, { jetstreamPercent }: Thresholds): RuleGroup {
  const { namespace, job, replicas, routesPerPeer } = nats;
  const place = `namespace="${namespace}",job="${job}"`;
  const majority = Math.floor(replicas / 2) + 1;
  const routes = (replicas - 1) * routesPerPeer;
  const share = (store: "storage" | "memory"): string =>
    `nats_varz_jetstream_stats_${store}{${place}} / nats_varz_jetstream_config_max_${store}{${place}} > ${jetstreamPercent / 100}`;
  return {
    name: "noetl-nats",
    interval: "15s",
    scope: "cluster",
    rules: [
      alert({
        alert: "NatsServerMissing",
        // The exporter answers also when the server beside it does not.
        expr: `(count(nats_server_jetstream_disabled{${place}}) or vector(0)) < ${replicas}`,
        for: "5m",
        severity: replicas === 1 ? "critical" : "warning",
        summary: `{{ $value }} of ${replicas} NATS servers answer`,
        description:
          replicas === 1
            ? "There is no other one: nothing is sent, nothing is stored."
            : "Streams go on as long as most servers are there.",
      }),
      ...(replicas === 1
        ? []
        : [
            alert({
              alert: "NatsQuorumLost",
              expr: `(count(nats_server_jetstream_disabled{${place},meta_leader!=""}) or vector(0)) < ${majority}`,
              for: "1m",
              severity: "critical",
              summary: `{{ $value }} of ${replicas} NATS servers know a leader; ${majority} must`,
              description: "Without a majority JetStream stores nothing and makes no streams: no command goes out.",
            }),
            alert({
              alert: "NatsRouteLoss",
              expr: `nats_routez_num_routes{${place}} < ${routes}`,
              for: "5m",
              severity: "warning",
              summary: `{{ $labels.pod }} has {{ $value }} of ${routes} connections to the other servers`,
              description: "A server without all its routes hears late or nothing of what the others do.",
            }),
          ]),
      alert({
        alert: "JetStreamStorageHigh",
        expr: share("storage"),
        for: "10m",
        severity: "warning",
        summary: "The file store of {{ $labels.pod }} is at {{ $value | humanizePercentage }}",
        description: "When it is full, streams take no more messages.",
      }),
      alert({
        alert: "JetStreamMemoryHigh",
        expr: share("memory"),
        for: "10m",
        severity: "warning",
        summary: "The memory store of {{ $labels.pod }} is at {{ $value | humanizePercentage }}",
        description: "When it is full, streams in memory take no more messages.",
      }),
      alert({
        alert: "NatsConsumerStalled",
        expr: `max by (stream_name, consumer_name) (nats_consumer_num_pending{${place},is_consumer_leader="true"}) > 0 and on (stream_name, consumer_name) (sum by (stream_name, consumer_name) (changes(nats_consumer_delivered_consumer_seq{${place}}[20m])) == 0)`,
        for: "5m",
        severity: "critical",
        summary: "{{ $value }} messages wait for {{ $labels.consumer_name }}, and none was taken in twenty minutes",
        description:
          "Nobody reads the consumer, or its readers have taken as much as they may and acknowledge nothing.",
      }),
      alert({
        alert: "NatsSlowConsumers",
        expr: `delta(nats_varz_slow_consumers{${place}}[10m]) > 0`,
        severity: "warning",
        summary: "{{ $labels.pod }} cut off {{ $value | humanize }} clients for being slow",
        description: "A client did not take its messages in time; it comes back and misses what was not stored.",
      }),
    ],
  };
}

/**
 * A server that started without NATS runs on without it, says that it is healthy, and sends no command: executions begin,
 * and nothing comes to the streams. It is seen when no server sends; one of several hides behind the others.
 */
export function messagingGroup(server: MonitoredServer, { namespace, job, commandStreams }: MonitoredNats): RuleGroup {
  const streams = commandStreams.join("|");
  return {
    name: "noetl-server-messaging",
    interval: "30s",
    scope: "cluster",
    rules: [
      {
        alert: "NoetlServerWithoutMessaging",
        expr: `sum(increase(noetl_execute_outcomes_total{namespace="${server.namespace}",outcome="new"}[10m])) > 0 and on () (sum(changes(nats_stream_last_seq{namespace="${namespace}",job="${job}",stream_name=~"${streams}"}[10m])) == 0)`,
        for: "5m",
        severity: "critical",
        component: "server",
        summary: "Executions begin, and no command is sent",
        description: "The server has lost NATS, or started without it; its health check does not tell.",
      },
    ],
  };
}

function alert(rule: Omit<AlertingRule, "component">): AlertingRule {
  return { ...rule, component: "nats" };
}
