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

/** With several replicas, each takes the shard of its pod's index. */
export const shardPerReplica = rule(
  "with several replicas and shards, `server.replicas` is at most `server.shards.count`: each replica takes the shard of its pod index",
  ["server"],
  ({ server: { replicas, shards } }) =>
    when(replicas > 1 && shards.count > 1 && replicas > shards.count, {
      path: ["server", "replicas"],
      message: `${replicas} replicas are more than the ${shards.count} shards of server.shards.count, one a replica`,
      allowed: `a whole number from 1 to ${shards.count}`,
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
