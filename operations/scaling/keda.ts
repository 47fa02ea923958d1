/**
 * The decisions of the KEDA operator (2.20): from no pods to the first and back, and what it tells the autoscaler. Pure,
 * as the autoscaler beside it. Times are seconds.
 *
 * @see https://github.com/kedacore/keda/tree/v2.20.2/pkg/scaling
 */

export interface KedaSettings {
  minReplicas: number;
  /** Pods without activity, fewer than `minReplicas`; undefined leaves it at `minReplicas`. */
  idleReplicas?: number | undefined;
  pollingInterval: number;
  cooldownPeriod: number;
  initialCooldownPeriod: number;
  triggers: readonly { lagThreshold: number; activationLagThreshold: number }[];
  fallback?: KedaFallback | undefined;
}

export interface KedaFallback {
  failureThreshold: number;
  replicas: number;
  behavior: "static" | "currentReplicas" | "currentReplicasIfHigher" | "currentReplicasIfLower";
}

/** What a trigger says. */
interface Reading {
  /** The metric's value; undefined when there is none. */
  value: number | undefined;
  active: boolean;
}

/** The operator's side of one ScaledObject, made at time 0. */
export class Keda {
  readonly #settings: KedaSettings;
  readonly #failures: number[];
  #lastActive: number | undefined;

  constructor(settings: KedaSettings) {
    this.#settings = settings;
    this.#failures = settings.triggers.map(() => 0);
  }

  /**
   * One look.
   *
   * @param current pods that the workload has
   * @param lags of each trigger's consumer; undefined where NATS does not tell
   * @returns pods that the workload shall have
   */
  poll(now: number, current: number, lags: readonly (number | undefined)[]): number {
    const { minReplicas, idleReplicas, fallback } = this.#settings;
    const readings = lags.map((lag, index) => this.read(index, lag, current));
    const failed = readings.some(({ value }) => value === undefined);
    if (readings.some(({ active }) => active)) {
      const isIdle = current === 0 || (idleReplicas !== undefined && current < minReplicas);
      if (isIdle || !failed) this.#lastActive = Math.floor(now);
      return isIdle ? Math.max(1, minReplicas) : current;
    }
    if (failed && (fallback === undefined || fallback.replicas > 0)) return current;
    if ((idleReplicas !== undefined && current > idleReplicas) || (current > 0 && minReplicas === 0)) {
      return this.isCool(now) ? (idleReplicas ?? 0) : current;
    }
    return idleReplicas === undefined ? Math.max(current, minReplicas) : current;
  }

  /** The values that the autoscaler gets when it asks; it asks at every sync, and a failure counts like that of a poll. */
  metrics(current: number, lags: readonly (number | undefined)[]): (number | undefined)[] {
    return lags.map((lag, index) => this.read(index, lag, current).value);
  }

  private isCool(now: number): boolean {
    const { cooldownPeriod, initialCooldownPeriod } = this.#settings;
    if (this.#lastActive === undefined) return initialCooldownPeriod < now;
    return this.#lastActive + cooldownPeriod < now;
  }

  private read(index: number, lag: number | undefined, current: number): Reading {
    const { triggers, fallback } = this.#settings;
    const { lagThreshold = NaN, activationLagThreshold = NaN } = triggers[index] ?? {};
    if (lag !== undefined) {
      this.#failures[index] = 0;
      return { value: lag, active: lag > activationLagThreshold };
    }
    const failures = (this.#failures[index] ?? 0) + 1;
    this.#failures[index] = failures;
    if (fallback === undefined || failures <= fallback.failureThreshold) return { value: undefined, active: false };
    // What makes the autoscaler want just so many pods.
    return { value: lagThreshold * fallbackReplicas(fallback, current), active: true };
  }
}

function fallbackReplicas({ replicas, behavior }: KedaFallback, current: number): number {
  if (behavior === "currentReplicas") return current;
  if (behavior === "currentReplicasIfHigher") return Math.max(replicas, current);
  if (behavior === "currentReplicasIfLower") return Math.min(replicas, current);
  return replicas;
}
