import { parseQuantity } from "../../../components/kubernetes/quantity";
import type { ResourceAmounts } from "../../../components/kubernetes/resources";
import { poolsOf } from "../pools";
import { rule, when, type RulePath, type RuleProblem } from "./rule";

const REQUESTS = "what a container requests is at most its limit";

/** Kubernetes refuses a container that requests more than its limit. */
export function withinLimits(path: RulePath, { requests, limits }: ResourceAmounts): RuleProblem[] {
  return (["cpu", "memory"] as const).flatMap((amount) =>
    when(isMore(requests[amount], limits[amount]), {
      path: [...path, "resources", "requests", amount],
      message: `${requests[amount]} is requested, more than the limit of ${limits[amount]}`,
      allowed: `at most ${limits[amount]}`,
      see: [...path, "resources", "limits", amount],
    }),
  );
}

export const serverResources = rule(REQUESTS, ["server"], ({ server }) => withinLimits(["server"], server.resources));

export const natsResources = rule(REQUESTS, ["nats"], ({ nats }) => withinLimits(["nats"], nats.resources));

export const postgresResources = rule(REQUESTS, ["postgres"], ({ postgres }) =>
  postgres.mode === "inCluster" ? withinLimits(["postgres"], postgres.resources) : [],
);

export const workerResources = rule(REQUESTS, ["workerPools", "systemPool", "subscriptions"], (config) => [
  ...poolsOf(config).flatMap(({ at, pool }) => withinLimits(at, pool.resources)),
  ...config.subscriptions.flatMap(({ resources }, index) => withinLimits(["subscriptions", index], resources)),
]);

export const gatewayResources = rule(REQUESTS, ["gateway"], ({ gateway }) =>
  gateway ? withinLimits(["gateway"], gateway.resources) : [],
);

export const pythonServerResources = rule(REQUESTS, ["pythonServer"], ({ pythonServer }) =>
  pythonServer ? withinLimits(["pythonServer"], pythonServer.resources) : [],
);

export const ollamaResources = rule(REQUESTS, ["ollamaBridge"], ({ ollamaBridge }) => [
  ...(ollamaBridge ? withinLimits(["ollamaBridge"], ollamaBridge.resources) : []),
  ...(ollamaBridge?.backend ? withinLimits(["ollamaBridge", "backend"], ollamaBridge.backend.resources) : []),
]);

/** The memory store counts against the container's limit: above it, the kernel kills the server under load. */
export const jetstreamMemory = rule(
  "`nats.jetstream.memory` is at most `nats.resources.limits.memory`",
  ["nats"],
  ({ nats: { jetstream, resources } }) =>
    when(isMore(jetstream.memory, resources.limits.memory), {
      path: ["nats", "jetstream", "memory"],
      message: `${jetstream.memory} is more than the memory limit of NATS, ${resources.limits.memory}`,
      allowed: `at most nats.resources.limits.memory, ${resources.limits.memory}`,
      see: ["nats", "resources", "limits", "memory"],
    }),
);

export const sharedBuffers = rule(
  "`postgres.sharedBuffers` is at most `postgres.resources.limits.memory`",
  ["postgres"],
  ({ postgres }) => {
    if (postgres.mode !== "inCluster") return [];
    const limit = postgres.resources.limits.memory;
    return when(isMore(postgres.sharedBuffers, limit), {
      path: ["postgres", "sharedBuffers"],
      message: `${postgres.sharedBuffers} is more than the memory limit of PostgreSQL, ${limit}`,
      allowed: `at most postgres.resources.limits.memory, ${limit}`,
      see: ["postgres", "resources", "limits", "memory"],
    });
  },
);

/** Whether one quantity is more than the other. */
export function isMore(one: string | number, other: string | number): boolean {
  return (parseQuantity(one) ?? 0) > (parseQuantity(other) ?? 0);
}
