import { repetitions, rule, when } from "./rule";

export const poolBounds = rule("`server.pool.min` is at most `server.pool.max`", ["server"], ({ server: { pool } }) =>
  when(pool.min > pool.max, {
    path: ["server", "pool", "min"],
    message: `${pool.min} is more than server.pool.max, ${pool.max}`,
    allowed: `a whole number from 0 to ${pool.max}`,
    see: ["server", "pool", "max"],
  }),
);

/** The server ends with a panic when its shard does not exist. */
export const shardIndex = rule(
  "`server.shards.index` is less than `server.shards.count`",
  ["server"],
  ({ server: { replicas, shards } }) =>
    when(replicas === 1 && shards.index >= shards.count, {
      path: ["server", "shards", "index"],
      message: `there is no shard ${shards.index}: server.shards.count is ${shards.count}`,
      allowed: `a whole number from 0 to ${shards.count - 1}`,
      see: ["server", "shards", "count"],
    }),
);

/**
 * With several replicas, each takes the shard of its pod's index: one more would panic, and a shard without a replica
 * would have nobody to drive its executions.
 */
export const shardPerReplica = rule(
  "with several replicas, `server.shards.count` is 1 or equals `server.replicas`: each replica takes the shard of its pod index",
  ["server"],
  ({ server: { replicas, shards } }) =>
    when(replicas > 1 && shards.count > 1 && replicas !== shards.count, {
      path: ["server", "replicas"],
      message: `${replicas} replicas do not own one shard each of the ${shards.count} of server.shards.count`,
      allowed: `1 or ${shards.count}`,
      see: ["server", "shards", "count"],
    }),
);

export const distinctNamespaces = rule(
  "`server.keychain.kubernetes.namespaces` names each namespace once",
  ["server"],
  ({ server: { keychain } }) => {
    const namespaces = keychain.kubernetes?.namespaces ?? [];
    return repetitions(namespaces).map(([index, first]) => ({
      path: ["server", "keychain", "kubernetes", "namespaces", index] as const,
      message: `"${namespaces[index] ?? ""}" is in the list already`,
      allowed: "each namespace once",
      see: ["server", "keychain", "kubernetes", "namespaces", first] as const,
    }));
  },
);
