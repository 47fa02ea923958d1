import { envValue, type Check } from "./check";

/**
 * Two servers that write events of one execution at once give both the same predecessor, and the execution's history
 * forks: what is built from it lacks one branch. Servers that own a shard each hand events to the owner.
 */
export const executionOwners: Check = {
  id: "execution-owners",
  title: "Of several servers, one owns each execution and writes its events.",
  run: ({ workloads }) =>
    workloads.flatMap(({ resource, containers, replicas: { max } }) => {
      const isServer = containers.some((container) => envValue(container, "NOETL_REPLICA_COHERENCE") !== undefined);
      const isForwarding = containers.some((container) => envValue(container, "NOETL_EXECUTION_AFFINITY") === "true");
      if (!isServer || isForwarding || max === 1) return [];
      return {
        severity: "warning" as const,
        rule: executionOwners.id,
        resource: resource.urn,
        message: `${max} servers own all executions together: two that write events of one at once fork its history`,
        fix: `set noetl:server.shards.count to ${max}, a shard for each server`,
      };
    }),
};
