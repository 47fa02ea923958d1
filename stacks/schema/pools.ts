import type { CommandSource } from "../../components/nats/streams";
import type { PlatformConfig, SystemPoolConfig, WorkerPoolConfig } from ".";
import { routesOf } from "./segments";

/** Settings that every pool has. */
export type PoolConfig = SystemPoolConfig | WorkerPoolConfig;

/** A pool with the place of its settings and what it takes. */
export interface PlacedPool {
  at: readonly ["systemPool"] | readonly ["workerPools", number];
  /** The place in words: `workerPools[0]`. */
  place: string;
  pool: PoolConfig;
  /** Its consumers: one, or of a Python pool one for each segment. */
  routes: CommandSource[];
}

/** Every pool of a platform. The system pool is first: of two that disagree, the other one is to change. */
export function poolsOf({ workerPools, systemPool }: Pick<PlatformConfig, "workerPools" | "systemPool">): PlacedPool[] {
  return [
    { at: ["systemPool"], place: "systemPool", pool: systemPool, routes: sourcesOf(systemPool) },
    ...workerPools.map((pool, index): PlacedPool => ({
      at: ["workerPools", index],
      place: `workerPools[${index}]`,
      pool,
      routes: sourcesOf(pool),
    })),
  ];
}

/** The consumers that a pool takes its commands from. */
export function sourcesOf(pool: PoolConfig): CommandSource[] {
  const { stream, subject } = pool;
  const routes =
    "runtime" in pool ? routesOf(pool) : [{ consumer: pool.consumer, filterSubject: `${subject}.system.>` }];
  return routes.map((route) => ({ stream, subject, ...route }));
}

/** Pods of a pool: a number, or left to its scaler. */
export function podsOf({ replicas = 1, scaling }: PoolConfig): number | "autoscaled" {
  return scaling === undefined ? replicas : "autoscaled";
}

/** The most pods that a pool may have. */
export function mostPodsOf({ replicas = 1, scaling }: PoolConfig): number {
  return scaling?.maxReplicas ?? replicas;
}
