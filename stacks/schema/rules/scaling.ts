import { LONGEST_NAME, scaledObjectName } from "../../../components/scaling/scaled-object";
import { MADE_BY_WORKERS, type CommandSource } from "../../../components/nats/streams";
import type { ScalingConfig } from "..";
import { poolsOf, type PlacedPool } from "../pools";
import { firstIndexes, repetitions, rule, when, withFirst, type RulePath, type RuleProblem } from "./rule";

type Keda = Extract<ScalingConfig, { kind: "keda" }>;

type Pools = Parameters<typeof poolsOf>[0];
type Check<Scaling> = (scaling: Scaling, path: RulePath, placed: PlacedPool) => RuleProblem[];

/** Asks something of every pool that has a scaler. */
function ofScaled(config: Pools, check: Check<ScalingConfig>): RuleProblem[] {
  return poolsOf(config).flatMap((placed) => {
    const { scaling } = placed.pool;
    return scaling === undefined ? [] : check(scaling, [...placed.at, "scaling"], placed);
  });
}

/** Asks something of every pool that KEDA scales. */
function ofKeda(config: Pools, check: Check<Keda>): RuleProblem[] {
  return ofScaled(config, (scaling, path, placed) => (scaling.kind === "keda" ? check(scaling, path, placed) : []));
}

/** Every update would reset what the scaler has decided. */
export const oneWhoDecides = rule(
  "a worker pool has `replicas` or `scaling`, not both",
  ["workerPools", "systemPool"],
  (config) =>
    poolsOf(config).flatMap(({ at, pool: { replicas, scaling } }) =>
      when(replicas !== undefined && scaling !== undefined, {
        path: [...at, "replicas"],
        message: "the pool has `scaling`, which decides how many pods there are",
        allowed: "no replicas beside scaling; the least is scaling.minReplicas",
        see: [...at, "scaling"],
      }),
    ),
);

export const scalingBounds = rule(
  "`scaling.minReplicas` is at most `scaling.maxReplicas`",
  ["workerPools", "systemPool"],
  (config) =>
    ofScaled(config, ({ minReplicas, maxReplicas }, path) =>
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
  ["workerPools", "systemPool"],
  (config) =>
    ofKeda(config, ({ fallback, minReplicas, maxReplicas }, path) =>
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
  ["workerPools", "systemPool"],
  (config) =>
    ofKeda(config, ({ fallback, minReplicas, idleToZero }, path) => [
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
  ["workerPools", "systemPool"],
  (config) =>
    ofKeda(config, ({ idleToZero, minReplicas }, path) =>
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
  ["workerPools", "systemPool"],
  (config) =>
    ofKeda(config, (scaling, path, { pool: { name, poolName } }) => {
      const made = scaledObjectName(name, poolName);
      return when(scaling.name === undefined && made.length > LONGEST_NAME, {
        path: [...path, "name"],
        message: `is missing: "${made}" has ${made.length} characters, more than the ${LONGEST_NAME} that KEDA takes`,
        allowed: "a shorter name of its own",
        see: path,
      });
    }),
);

export const distinctScalers = rule(
  "each ScaledObject has a name of its own",
  ["workerPools", "systemPool"],
  (config) => {
    const named = poolsOf(config).flatMap(({ at, place, pool: { name, poolName, scaling } }) =>
      scaling?.kind === "keda" ? [{ at, place, name: scaling.name ?? scaledObjectName(name, poolName) }] : [],
    );
    return withFirst(named, ({ name }) => name).map(([{ at, name }, first]) => ({
      path: [...at, "scaling", "name"],
      message: `"${name}" is the ScaledObject of ${first.place} already`,
      allowed: "a name of its own for each",
      see: [...first.at, "scaling"],
    }));
  },
);

/** A trigger twice only costs; a consumer that nobody has is an error of KEDA's for ever, and no scaling. */
export const knownConsumers = rule(
  "each of `scaling.consumers` is the consumer of some pool, and none of them is named twice",
  ["workerPools", "systemPool"],
  (config) => {
    const known = firstIndexes(poolsOf(config).flatMap(({ routes }) => routes.map(keyOfRoute)));
    return ofKeda(config, (scaling, path, { pool, routes }) => {
      const own = routes.map(keyOfRoute);
      const keys = [...own, ...scaling.consumers.map(({ stream, consumer }) => keyOf(stream ?? pool.stream, consumer))];
      const repeated = new Map(repetitions(keys));
      return keys.slice(own.length).flatMap((key, index): RuleProblem[] => {
        const place = [...path, "consumers", index, "consumer"] as const;
        const [stream = "", consumer = ""] = key.split("/");
        if (repeated.has(index + own.length)) {
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
  ["workerPools", "systemPool", "streams"],
  ({ streams, ...config }) => {
    const declared = streams.mode === "declared";
    const most = declared ? streams.maxAckPending : MADE_BY_WORKERS.maxAckPending;
    return ofKeda(config, (scaling, path) => {
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

function keyOfRoute({ stream, consumer }: CommandSource): string {
  return keyOf(stream, consumer);
}

function keyOf(stream: string, consumer: string): string {
  return `${stream}/${consumer}`;
}
