import {
  coherenceBuckets,
  commandStreams,
  eventStream,
  gatewayBuckets,
  MADE_BY_WORKERS,
  type JetStreamFacts,
} from "../components/nats/streams";
import type { PlatformConfig } from "./schema";
import { poolsOf } from "./schema/pools";

/**
 * Streams, consumers and buckets of a platform: those it declares, else those that its workers will make. Whoever
 * needs one of their names (worker pools, autoscaling, dashboards) has it from here.
 */
export function jetStreamOf({
  nats,
  streams,
  ...config
}: Pick<PlatformConfig, "nats" | "streams" | "workerPools" | "systemPool">): JetStreamFacts {
  const sources = poolsOf(config).flatMap(({ routes }) => routes);
  if (streams.mode === "asNeeded") return { streams: commandStreams(sources, MADE_BY_WORKERS), buckets: [] };
  const { also } = streams;
  // A fourth and a fifth copy would cost more than the losses they survive.
  const replicas = Math.min(nats.replicas, 3);
  return {
    streams: [
      ...commandStreams(sources, { ...streams, replicas }),
      ...(also.includes("events") ? [eventStream(replicas)] : []),
    ],
    buckets: [
      ...(also.includes("coherence") ? coherenceBuckets(replicas) : []),
      ...(also.includes("gateway") ? gatewayBuckets(replicas) : []),
    ],
  };
}
