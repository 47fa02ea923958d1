import type { Thresholds } from "../monitored";
import type { Dashboard } from "./model";

/** How NATS is, server by server. */
export function natsDashboard(thresholds?: Pick<Thresholds, "jetstreamPercent">): Dashboard {
  const percent = thresholds?.jetstreamPercent;
  const full = percent === undefined ? {} : { limits: { warning: percent, critical: Math.max(percent + 1, 95) } };
  const share = (store: "storage" | "memory"): string =>
    `100 * nats_varz_jetstream_stats_${store} / nats_varz_jetstream_config_max_${store}`;
  return {
    uid: "noetl-nats",
    title: "NoETL / NATS",
    description: "Servers, stores, streams and consumers.",
    panels: [
      {
        title: "Servers with JetStream",
        description: "A majority must run for streams to be made and changed.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: "count(nats_server_jetstream_disabled == 0)", legend: "servers" }],
      },
      {
        title: "Clients",
        description: "Connections of all servers.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: "sum(nats_varz_connections)", legend: "clients" }],
      },
      {
        title: "Slow clients cut off",
        description: "Since each server started.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: "sum(nats_varz_slow_consumers)", legend: "clients" }],
      },
      {
        title: "Streams",
        description: "As the meta leader counts them.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: "max(nats_server_total_streams)", legend: "streams" }],
      },
      {
        title: "File store",
        description: "How full it is, by server. Full: nothing is stored any more.",
        unit: "percent",
        width: 12,
        queries: [{ expr: share("storage"), legend: "{{pod}}" }],
        ...full,
      },
      {
        title: "Memory store",
        description: "How full it is, by server.",
        unit: "percent",
        width: 12,
        queries: [{ expr: share("memory"), legend: "{{pod}}" }],
        ...full,
      },
      {
        title: "Messages",
        description: "In and out, of all servers.",
        unit: "reqps",
        queries: [
          { expr: "sum(rate(nats_varz_in_msgs[5m]))", legend: "in" },
          { expr: "sum(rate(nats_varz_out_msgs[5m]))", legend: "out" },
        ],
      },
      {
        title: "Routes",
        description: "Connections of each server to the others.",
        unit: "short",
        queries: [{ expr: "nats_routez_num_routes", legend: "{{pod}}" }],
      },
      {
        title: "Memory",
        description: "By server.",
        unit: "bytes",
        queries: [{ expr: "nats_varz_mem", legend: "{{pod}}" }],
      },
      {
        title: "Bytes of streams",
        description: "As the leader of each counts them.",
        unit: "bytes",
        width: 12,
        queries: [{ expr: "max by (stream_name) (nats_stream_total_bytes)", legend: "{{stream_name}}" }],
      },
      {
        title: "Messages that wait for consumers",
        description: "As the leader of each counts them.",
        unit: "short",
        width: 12,
        queries: [
          {
            expr: 'max by (stream_name, consumer_name) (nats_consumer_num_pending{is_consumer_leader="true"})',
            legend: "{{consumer_name}}",
          },
        ],
      },
    ],
  };
}
