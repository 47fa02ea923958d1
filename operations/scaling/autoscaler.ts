/**
 * The decisions of Kubernetes' HorizontalPodAutoscaler controller (1.36) about external metrics with an average target,
 * as KEDA makes them. Pure: it has no clock, and knows of the cluster what it is told. Times are seconds.
 *
 * @see https://github.com/kubernetes/kubernetes/tree/v1.36.1/pkg/controller/podautoscaler
 */

/** What the cluster's administrator has set; flags of the controller manager. */
export interface ClusterSettings {
  /** Between two syncs: `--horizontal-pod-autoscaler-sync-period`. */
  syncPeriod: number;
  /** How long earlier recommendations hold pods: `--horizontal-pod-autoscaler-downscale-stabilization`. */
  downscaleStabilization: number;
  /** Part of the target that a metric may be off: `--horizontal-pod-autoscaler-tolerance`. */
  tolerance: number;
}

/** What a cluster has when nobody has set anything. */
export const DEFAULT_CLUSTER: ClusterSettings = { syncPeriod: 15, downscaleStabilization: 300, tolerance: 0.1 };

/** Rules for one direction, complete. */
export interface Rules {
  stabilizationWindow: number;
  select: "Max" | "Min" | "Disabled";
  policies: readonly { type: "Pods" | "Percent"; value: number; period: number }[];
  tolerance: number;
}

export interface AutoscalerSettings {
  /** At least 1. */
  minReplicas: number;
  maxReplicas: number;
  /** What one pod is there for, for each metric. */
  targets: readonly number[];
  /** Undefined is not the same as rules that are all default: see {@link Autoscaler}. */
  behavior?: { up: Rules; down: Rules } | undefined;
}

interface Recommendation {
  time: number;
  replicas: number;
}

interface ScaleEvent {
  time: number;
  change: number;
  outdated: boolean;
}

/**
 * One autoscaler with its memory. Without a behavior, pods at most double a sync (or become four), and go down to the
 * most that was wanted within the cluster's window; with one, its policies and windows hold instead.
 */
export class Autoscaler {
  readonly #settings: AutoscalerSettings;
  readonly #cluster: ClusterSettings;
  #recommendations: Recommendation[] = [];
  readonly #ups: ScaleEvent[] = [];
  readonly #downs: ScaleEvent[] = [];

  constructor(settings: AutoscalerSettings, cluster: ClusterSettings = DEFAULT_CLUSTER) {
    this.#settings = settings;
    this.#cluster = cluster;
  }

  /**
   * One sync.
   *
   * @param current pods that the workload has
   * @param ask for the value of each metric; undefined where it cannot be read. Only called when they matter
   * @returns pods that the workload shall have
   */
  sync(now: number, current: number, ask: () => readonly (number | undefined)[]): number {
    const { minReplicas, maxReplicas, behavior } = this.#settings;
    if (this.#recommendations.length === 0) this.#recommendations.push({ time: now, replicas: current });
    // Nobody but KEDA brings back a workload that has no pods.
    if (current === 0) return 0;
    let next = Math.min(maxReplicas, Math.max(minReplicas, current));
    if (next === current) {
      const wanted = this.wanted(current, ask());
      if (wanted === undefined) return current;
      next = behavior ? this.withBehavior(now, current, wanted, behavior) : this.plain(now, current, wanted);
    }
    if (next !== current && behavior) this.remember(now, next - current, behavior);
    return next;
  }

  /** The most that a metric asks for; undefined when what cannot be read might have asked for more. */
  private wanted(current: number, metrics: readonly (number | undefined)[]): number | undefined {
    let most = 0;
    let unreadable = 0;
    metrics.forEach((value, index) => {
      if (value === undefined) unreadable++;
      else most = Math.max(most, this.proposal(current, value, this.#settings.targets[index] ?? NaN));
    });
    if (unreadable === metrics.length || (unreadable > 0 && most < current)) return undefined;
    return most;
  }

  private proposal(current: number, value: number, target: number): number {
    // Kubernetes counts in thousandths.
    const usage = Math.round(value * 1000);
    const ratio = usage / (target * 1000 * current);
    const { behavior } = this.#settings;
    const down = behavior?.down.tolerance ?? this.#cluster.tolerance;
    const up = behavior?.up.tolerance ?? this.#cluster.tolerance;
    return 1 - down <= ratio && ratio <= 1 + up ? current : Math.ceil(usage / (target * 1000));
  }

  private plain(now: number, current: number, wanted: number): number {
    const cutoff = now - this.#cluster.downscaleStabilization;
    this.#recommendations = this.#recommendations.filter(({ time }) => time >= cutoff);
    const stabilized = this.#recommendations.reduce((most, { replicas }) => Math.max(most, replicas), wanted);
    this.#recommendations.push({ time: now, replicas: wanted });
    const { minReplicas, maxReplicas } = this.#settings;
    return Math.max(minReplicas, Math.min(stabilized, maxReplicas, Math.max(2 * current, 4)));
  }

  private withBehavior(now: number, current: number, wanted: number, { up, down }: { up: Rules; down: Rules }): number {
    const { minReplicas, maxReplicas } = this.#settings;
    const stabilized = this.stabilized(now, current, wanted, up.stabilizationWindow, down.stabilizationWindow);
    if (stabilized > current) {
      const limit = Math.max(current, this.limit(now, current, up, "up"));
      return Math.min(stabilized, maxReplicas, limit);
    }
    if (stabilized < current) {
      const limit = Math.min(current, this.limit(now, current, down, "down"));
      return Math.max(stabilized, minReplicas, limit);
    }
    return stabilized;
  }

  /** Up no further than the least, down no further than the most that was wanted within each window. */
  private stabilized(now: number, current: number, wanted: number, upWindow: number, downWindow: number): number {
    const [upCutoff, downCutoff] = [now - upWindow, now - downWindow];
    let [least, most] = [wanted, wanted];
    for (const { time, replicas } of this.#recommendations) {
      if (time > upCutoff) least = Math.min(least, replicas);
      if (time > downCutoff) most = Math.max(most, replicas);
    }
    const kept = this.#recommendations.filter(({ time }) => time >= upCutoff || time >= downCutoff);
    this.#recommendations = [...kept, { time: now, replicas: wanted }];
    return Math.min(Math.max(current, least), most);
  }

  /** The most pods that the policies allow now, or the fewest. */
  private limit(now: number, current: number, { select, policies }: Rules, direction: "up" | "down"): number {
    if (select === "Disabled") return current;
    const limits = policies.map(({ type, value, period }) => {
      const start = current - changesWithin(now, period, this.#ups) + changesWithin(now, period, this.#downs);
      if (type === "Pods") return direction === "up" ? start + value : start - value;
      return direction === "up" ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
    });
    // The greatest change is the highest number upwards, and the lowest downwards.
    return (select === "Max") === (direction === "up") ? Math.max(...limits) : Math.min(...limits);
  }

  /** Takes the place of an event that no policy of its direction counts any more, as the controller does. */
  private remember(now: number, change: number, { up, down }: { up: Rules; down: Rules }): void {
    const [events, rules] = change > 0 ? [this.#ups, up] : [this.#downs, down];
    const longest = rules.policies.reduce((most, { period }) => Math.max(most, period), 0);
    for (const event of events) if (event.time < now - longest) event.outdated = true;
    const event = { time: now, change: Math.abs(change), outdated: false };
    const place = events.findLastIndex(({ outdated }) => outdated);
    if (place >= 0) events[place] = event;
    else events.push(event);
  }
}

function changesWithin(now: number, period: number, events: readonly ScaleEvent[]): number {
  return events.reduce((sum, { time, change }) => (time > now - period ? sum + change : sum), 0);
}
