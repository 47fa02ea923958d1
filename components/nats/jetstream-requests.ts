import type { BucketFacts, ConsumerFacts, JetStreamFacts, StreamFacts } from "./streams";

/** A stream as the JetStream API takes it; durations are nanoseconds. */
export function streamConfig(stream: StreamFacts) {
  return {
    name: stream.name,
    subjects: stream.subjects,
    storage: stream.storage,
    retention: stream.retention,
    discard: stream.discard,
    max_age: nanoseconds(stream.maxAge),
    duplicate_window: nanoseconds(stream.duplicateWindow),
    num_replicas: stream.replicas,
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: -1,
    max_msg_size: -1,
    max_msgs_per_subject: -1,
  };
}

/** A consumer as the JetStream API takes it. */
export function consumerConfig(consumer: ConsumerFacts) {
  return {
    name: consumer.name,
    durable_name: consumer.name,
    filter_subject: consumer.filterSubject,
    deliver_policy: "all",
    replay_policy: "instant",
    ack_policy: "explicit",
    ack_wait: nanoseconds(consumer.ackWait),
    max_deliver: consumer.maxDeliver,
    max_ack_pending: consumer.maxAckPending,
  };
}

/** A bucket as the stream that it is in JetStream, as every client library makes it. */
export function bucketConfig(bucket: BucketFacts) {
  return {
    name: `KV_${bucket.name}`,
    subjects: [`$KV.${bucket.name}.>`],
    storage: bucket.storage,
    retention: "limits",
    discard: "new",
    max_age: nanoseconds(bucket.ttl),
    // The library's own choice: no longer than a key lives, and two minutes at most.
    duplicate_window: nanoseconds(bucket.ttl > 0 ? Math.min(bucket.ttl, 120) : 120),
    num_replicas: bucket.replicas,
    max_consumers: -1,
    max_msgs: -1,
    max_bytes: -1,
    max_msg_size: -1,
    max_msgs_per_subject: bucket.history,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: true,
  };
}

/**
 * The requests that make everything declared: subject without `$JS.API.` → JSON. Each answers with an error where
 * something of that name but of another form exists, and changes nothing.
 */
export function creationRequests({ streams, buckets }: JetStreamFacts): Record<string, string> {
  const all = [...streams.map(streamConfig), ...buckets.map(bucketConfig)];
  const consumers = streams.flatMap((stream) =>
    stream.consumers.map((consumer): [string, object] => [
      `CONSUMER.DURABLE.CREATE.${stream.name}.${consumer.name}`,
      { stream_name: stream.name, config: consumerConfig(consumer), action: "create" },
    ]),
  );
  const requests = [...all.map((config): [string, object] => [`STREAM.CREATE.${config.name}`, config]), ...consumers];
  return Object.fromEntries(requests.map(([subject, body]) => [subject, JSON.stringify(body)]));
}

function nanoseconds(seconds: number): number {
  return seconds * 1e9;
}
