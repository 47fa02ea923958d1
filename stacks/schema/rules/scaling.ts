import { LONGEST_NAME, scaledObjectName } from "../../../components/scaling/scaled-object";
import { MADE_BY_WORKERS } from "../../../components/nats/streams";
import type { ScalingConfig, WorkerPoolConfig } from "..";
import { firstIndexes, repetitions, rule, when, type RulePath, type RuleProblem } from "./rule";

type Keda = Extract<ScalingConfig, { kind: "keda" }>;

/** Asks something of every pool that has a scaler. */
function ofScaled(
  pools: readonly WorkerPoolConfig[],
  check: (scaling: ScalingConfig, path: RulePath, pool: WorkerPoolConfig) => RuleProblem[],
): RuleProblem[] {
  return pools.flatMap((pool, index) =>
    pool.scaling === undefined ? [] : check(pool.scaling, ["workerPools", index, "scaling"], pool),
  );
}

/** Asks something of every pool that KEDA scales. */
function ofKeda(
  pools: readonly WorkerPoolConfig[],
  check: (scaling: Keda, path: RulePath, pool: WorkerPoolConfig) => RuleProblem[],
): RuleProblem[] {
  return ofScaled(pools, (scaling, path, pool) => (scaling.kind === "keda" ? check(scaling, path, pool) : []));
}

/** Every update would reset what the scaler has decided. */
export const oneWhoDecides = rule(
  "a worker pool has `replicas` or `scaling`, not both",
  ["workerPools"],
  ({ workerPools }) =>
    workerPools.flatMap(({ replicas, scaling }, index) =>
      when(replicas !== undefined && scaling !== undefined, {
        path: ["workerPools", index, "replicas"],
        message: "the pool has `scaling`, which decides how many pods there are",
        allowed: "no replicas beside scaling; the least is scaling.minReplicas",
        see: ["workerPools", index, "scaling"],
      }),
    ),
);

export const scalingBounds = rule(
  "`scaling.minReplicas` is at most `scaling.maxReplicas`",
  ["workerPools"],
  ({ workerPools }) =>
    ofScaled(workerPools, ({ minReplicas, maxReplicas }, path) =>
      when(minReplicas > maxReplicas, {
        path: [...path, "minReplicas"],
        message: `${minReplicas} is more than maxReplicas, ${maxReplicas}`,
        allowed: `a whole number from 0 to ${maxReplicas}`,
        see: [...path, "maxReplicas"],
      }),
    ),
);

export const fallbackBounds = rule(
  "`scaling.fallback.replicas` is from `scaling.minReplicas` to `scaling.maxReplicas`",
  ["workerPools"],
  ({ workerPools }) =>
    ofKeda(workerPools, ({ fallback, minReplicas, maxReplicas }, path) =>
      when(fallback !== undefined && (fallback.replicas > maxReplicas || fallback.replicas < minReplicas), {
        path: [...path, "fallback", "replicas"],
        message: `${fallback?.replicas ?? 0} is not between minReplicas, ${minReplicas}, and maxReplicas, ${maxReplicas}`,
        allowed: `a whole number from ${minReplicas} to ${maxReplicas}`,
        see: [...path, fallback && fallback.replicas > maxReplicas ? "maxReplicas" : "minReplicas"],
      }),
    ),
);

/** The autoscaler that would apply it is switched off at zero pods: KEDA issue 7239. */
export const fallbackNeedsPods = rule(
  "`scaling.fallback` needs a pool that never goes to zero: `minReplicas` of at least 1, and no `idleToZero`",
  ["workerPools"],
  ({ workerPools }) =>
    ofKeda(workerPools, ({ fallback, minReplicas, idleToZero }, path) => [
      ...when(fallback !== undefined && minReplicas === 0, {
        path: [...path, "minReplicas"],
        message: "0 with a fallback: while the pool has no pods, KEDA does not apply the fallback",
        allowed: "at least 1, or no fallback",
        see: [...path, "fallback"],
      }),
      ...when(fallback !== undefined && idleToZero, {
        path: [...path, "idleToZero"],
        message: "true with a fallback: while the pool has no pods, KEDA does not apply the fallback",
        allowed: "false, or no fallback",
        see: [...path, "fallback"],
      }),
    ]),
);

export const idleBelowMinimum = rule(
  "`scaling.idleToZero` needs `scaling.minReplicas` of at least 1",
  ["workerPools"],
  ({ workerPools }) =>
    ofKeda(workerPools, ({ idleToZero, minReplicas }, path) =>
      when(idleToZero && minReplicas === 0, {
        path: [...path, "idleToZero"],
        message: "with minReplicas 0 the pool goes to zero anyway, and KEDA refuses both together",
        allowed: "false, or minReplicas of at least 1",
        see: [...path, "minReplicas"],
      }),
    ),
);

/** KEDA labels with the name of the autoscaler it makes, and a label holds 63 characters. */
export const scalerNameLength = rule(
  `the name of a pool's ScaledObject, \`NAME-scaler-POOLNAME\` or \`scaling.name\`, has at most ${LONGEST_NAME} characters`,
  ["workerPools"],
  ({ workerPools }) =>
    ofKeda(workerPools, (scaling, path, { name, poolName }) => {
      const made = scaledObjectName(name, poolName);
      return when(scaling.name === undefined && made.length > LONGEST_NAME, {
        path: [...path, "name"],
        message: `is missing: "${made}" has ${made.length} characters, more than the ${LONGEST_NAME} that KEDA takes`,
        allowed: "a shorter name of its own",
        see: path,
      });
    }),
);

export const distinctScalers = rule("each ScaledObject has a name of its own", ["workerPools"], ({ workerPools }) => {
  const names = workerPools.map(({ name, poolName, scaling }, index) =>
    scaling?.kind === "keda" ? (scaling.name ?? scaledObjectName(name, poolName)) : `#${index}`,
  );
  return repetitions(names).map(([index, first]) => ({
    path: ["workerPools", index, "scaling", "name"] as const,
    message: `"${names[index] ?? ""}" is the ScaledObject of workerPools[${first}] already`,
    allowed: "a name of its own for each",
    see: ["workerPools", first, "scaling"] as const,
  }));
});

/** A trigger twice only costs; a consumer that nobody has is an error of KEDA's for ever, and no scaling. */
export const knownConsumers = rule(
  "each of `scaling.consumers` is the consumer of some pool, and none of them is named twice",
  ["workerPools"],
  ({ workerPools }) => {
    const known = firstIndexes(workerPools.map(({ stream, consumer }) => keyOf(stream, consumer)));
    return ofKeda(workerPools, (scaling, path, pool) => {
      const keys = [
        keyOf(pool.stream, pool.consumer),
        ...scaling.consumers.map(({ stream, consumer }) => keyOf(stream ?? pool.stream, consumer)),
      ];
      const repeated = new Map(repetitions(keys));
      return keys.slice(1).flatMap((key, index): RuleProblem[] => {
        const place = [...path, "consumers", index, "consumer"] as const;
        const [stream = "", consumer = ""] = key.split("/");
        if (repeated.has(index + 1)) {
          return [
            {
              path: place,
              message: `consumer ${consumer} of stream ${stream} is watched already`,
              allowed: "each consumer once",
            },
          ];
        }
        return when(!known.has(key), {
          path: place,
          message: `no worker pool has consumer ${consumer} of stream ${stream}`,
          allowed: `consumer and stream of a pool: ${[...known.keys()].map((name) => name.replace("/", " ")).join(", ")}`,
        });
      });
    });
  },
);

/** Otherwise what all pods together may hold is never enough for a second one. */
export const thresholdWithinPending = rule(
  "`scaling.lagThreshold` is at most `streams.maxAckPending`, 1000 where workers make their streams",
  ["workerPools", "streams"],
  ({ workerPools, streams }) => {
    const declared = streams.mode === "declared";
    const most = declared ? streams.maxAckPending : MADE_BY_WORKERS.maxAckPending;
    return ofKeda(workerPools, (scaling, path) => {
      const own = { at: [...path, "lagThreshold"] as RulePath, value: scaling.lagThreshold };
      const others = scaling.consumers.flatMap(({ lagThreshold }, index) =>
        lagThreshold === undefined
          ? []
          : [{ at: [...path, "consumers", index, "lagThreshold"] as RulePath, value: lagThreshold }],
      );
      return [own, ...others].flatMap(({ at, value }) =>
        when(value > most, {
          path: at,
          message: `${value} is more than the ${most} messages that the consumer's clients may hold unacknowledged`,
          allowed: `a whole number from 1 to ${most}`,
          ...(declared && { see: ["streams", "maxAckPending"] as const }),
        }),
      );
    });
  },
);

function keyOf(stream: string, consumer: string): string {
  return `${stream}/${consumer}`;
}

/** Namespaces that the platform or Kubernetes itself has. */
const TAKEN = ["noetl", "nats", "postgres", "default", "kube-system", "kube-public", "kube-node-lease"];

export const kedaNamespace = rule(
  "`keda.namespace` is the operator's own: no namespace of the platform or of Kubernetes",
  ["keda"],
  ({ keda: { install, namespace } }) =>
    when(install && TAKEN.includes(namespace), {
      path: ["keda", "namespace"],
      message: `"${namespace}" is a namespace of ${namespace.startsWith("kube-") || namespace === "default" ? "Kubernetes" : "the platform"}`,
      allowed: "a namespace that nothing else is in, such as keda",
    }),
);
