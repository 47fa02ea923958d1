import { gauge, type ExporterFacts } from "./metric";

const SERVER_ID = ["server_id"];
const SERVER = [...SERVER_ID, "server_name", "cluster", "domain", "meta_leader", "is_meta_leader"];
const STREAM = [
  ...SERVER,
  "account",
  "account_id",
  "stream_name",
  "stream_leader",
  "is_stream_leader",
  "stream_raft_group",
];
const CONSUMER = [...STREAM, "consumer_name", "consumer_leader", "is_consumer_leader", "consumer_desc"];
const GATEWAY = ["server_id", "gateway_name", "cid", "remote_gateway_name"];
const LEAF = ["server_id", "account", "ip", "port", "name"];

/**
 * What the exporter beside each NATS server tells with `-prefix=nats`, seen with nats-server 2.12.2. All are gauges, also
 * those that only grow. Its own `up` stays 1 when the server is gone; the names of `/jsz` (`nats_server_…`,
 * `nats_stream_…`, `nats_consumer_…`) then vanish, and those of `/varz` keep their last value.
 */
export const NATS_METRICS: ExporterFacts = {
  title: "NATS exporter",
  source: "nats-io/prometheus-nats-exporter 0.17.3, collector/",
  honorsLabels: false,
  metrics: [
    gauge(
      "nats_server_jetstream_disabled",
      "0 on each server that runs JetStream; `meta_leader` is empty without quorum",
      SERVER,
    ),
    gauge("nats_server_max_memory", "bytes of the memory store", SERVER),
    gauge("nats_server_max_storage", "bytes of the file store", SERVER),
    gauge("nats_server_total_streams", "streams", SERVER),
    gauge("nats_server_total_consumers", "consumers", SERVER),
    gauge("nats_server_total_messages", "messages stored", SERVER),
    gauge("nats_server_total_message_bytes", "bytes of them", SERVER),
    gauge("nats_stream_total_messages", "messages of a stream", STREAM),
    gauge("nats_stream_total_bytes", "bytes of a stream", STREAM),
    gauge("nats_stream_limit_bytes", "most bytes of a stream", STREAM),
    gauge("nats_stream_first_seq", "number of its first message", STREAM),
    gauge("nats_stream_last_seq", "number of its last message", STREAM),
    gauge("nats_stream_consumer_count", "its consumers", STREAM),
    gauge("nats_stream_subject_count", "subjects in it", STREAM),
    gauge("nats_consumer_num_pending", "messages that wait; right on the consumer's leader only", CONSUMER),
    gauge("nats_consumer_num_ack_pending", "messages delivered and not acknowledged", CONSUMER),
    gauge("nats_consumer_num_redelivered", "messages delivered more than once", CONSUMER),
    gauge("nats_consumer_num_waiting", "clients that ask for messages", CONSUMER),
    gauge("nats_consumer_delivered_consumer_seq", "deliveries", CONSUMER),
    gauge("nats_consumer_delivered_stream_seq", "number of the last message delivered", CONSUMER),
    gauge("nats_consumer_ack_floor_consumer_seq", "deliveries acknowledged without a gap", CONSUMER),
    gauge("nats_consumer_ack_floor_stream_seq", "messages acknowledged without a gap", CONSUMER),
    gauge("nats_routez_num_routes", "connections to other servers, (pool size + 1) to each", SERVER_ID),
    gauge("nats_connz_num_connections", "clients on one page of the list", SERVER_ID),
    gauge("nats_connz_total", "clients", SERVER_ID),
    gauge("nats_connz_pending_bytes", "bytes that wait for clients", SERVER_ID),
    gauge("nats_subsz_num_subscriptions", "subscriptions", SERVER_ID),
    gauge("nats_varz_connections", "clients", SERVER_ID),
    gauge("nats_varz_total_connections", "clients since the start", SERVER_ID),
    gauge("nats_varz_max_connections", "most clients", SERVER_ID),
    gauge("nats_varz_routes", "connections to other servers", SERVER_ID),
    gauge("nats_varz_leafnodes", "connections of leaf nodes", SERVER_ID),
    gauge("nats_varz_in_msgs", "messages in since the start", SERVER_ID),
    gauge("nats_varz_out_msgs", "messages out since the start", SERVER_ID),
    gauge("nats_varz_in_bytes", "bytes in since the start", SERVER_ID),
    gauge("nats_varz_out_bytes", "bytes out since the start", SERVER_ID),
    gauge("nats_varz_slow_consumers", "clients cut off for being slow, since the start", SERVER_ID),
    gauge("nats_varz_stale_connections", "clients cut off for not answering, since the start", SERVER_ID),
    gauge("nats_varz_subscriptions", "subscriptions", SERVER_ID),
    gauge("nats_varz_start", "when the server started", SERVER_ID),
    gauge("nats_varz_mem", "bytes of memory", SERVER_ID),
    gauge("nats_varz_cpu", "percent of one processor", SERVER_ID),
    gauge("nats_varz_version", "1, with the version", [...SERVER_ID, "value"]),
    gauge("nats_varz_jetstream_config_max_memory", "bytes of the memory store", SERVER_ID),
    gauge("nats_varz_jetstream_config_max_storage", "bytes of the file store", SERVER_ID),
    gauge("nats_varz_jetstream_stats_memory", "bytes in the memory store", SERVER_ID),
    gauge("nats_varz_jetstream_stats_storage", "bytes in the file store", SERVER_ID),
    gauge("nats_varz_jetstream_stats_reserved_memory", "bytes of the memory store promised to streams", SERVER_ID),
    gauge("nats_varz_jetstream_stats_reserved_storage", "bytes of the file store promised to streams", SERVER_ID),
    gauge("nats_varz_jetstream_stats_ha_assets", "streams and consumers with copies", SERVER_ID),
    gauge("nats_varz_jetstream_stats_api_total", "requests to JetStream since the start", SERVER_ID),
    gauge("nats_varz_jetstream_stats_api_errors", "of them, failed", SERVER_ID),
    gauge("nats_varz_jetstream_meta_cluster_size", "servers that decide together", SERVER_ID),
    gauge("nats_gatewayz_outbound_gateway_configured", "gateways to other clusters", GATEWAY),
    gauge("nats_gatewayz_inbound_gateway_configured", "gateways from other clusters", GATEWAY),
    gauge("nats_leafz_conn_nodes_total", "leaf nodes", SERVER_ID),
    gauge("nats_leafz_conn_rtt", "time to a leaf node and back", LEAF),
  ],
};
