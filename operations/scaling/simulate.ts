import { Autoscaler, type AutoscalerSettings, type ClusterSettings, DEFAULT_CLUSTER } from "./autoscaler";
import { Keda, type KedaSettings } from "./keda";

/** A ScaledObject, as far as it decides. */
export interface ScalerModel extends KedaSettings, Pick<AutoscalerSettings, "behavior"> {
  maxReplicas: number;
  /** Leaves the pods as they are. */
  paused: boolean;
}

/** Where lag comes from. Asked at times that never go back; `working` pods have worked since it was asked last. */
export interface LagSource {
  /** @returns the lag of each trigger's consumer; undefined where NATS does not tell */
  lags(time: number, working: number): (number | undefined)[];
}

export interface SimulationOptions {
  /** Seconds to simulate. */
  duration: number;
  /** Seconds between two rows. */
  step: number;
  /** Pods at the begin. Default: the least. */
  replicas?: number;
  /** Seconds until a new pod works. */
  startTime?: number;
  cluster?: ClusterSettings;
}

/** How things are at a time. */
export interface Row {
  time: number;
  /** The highest lag of a trigger; undefined when NATS tells none. */
  lag: number | undefined;
  replicas: number;
}

/** A change of the number of pods. */
export interface Change {
  time: number;
  from: number;
  to: number;
  /** Who decided: KEDA between none and the first pod, the autoscaler beyond. */
  by: "KEDA" | "autoscaler";
}

export interface Simulation {
  rows: Row[];
  changes: Change[];
}

/** What each look and each sync takes: the next one is that much later, as in a cluster. */
const LATENCY = 0.004;

/**
 * Lets KEDA and the autoscaler decide over time, from the making of the ScaledObject on. At the same time KEDA is first;
 * the autoscaler's first sync is a period after that.
 */
export function simulate(model: ScalerModel, source: LagSource, options: SimulationOptions): Simulation {
  const { duration, step, startTime = 0, cluster = DEFAULT_CLUSTER } = options;
  const keda = new Keda(model);
  const autoscaler = new Autoscaler(autoscalerSettings(model), cluster);
  const pods = new Pods(options.replicas ?? leastOf(model), startTime);
  const rows: Row[] = [];
  const changes: Change[] = [];
  const set = (time: number, to: number, by: Change["by"]): void => {
    if (to === pods.count) return;
    changes.push({ time, from: pods.count, to, by });
    pods.set(time, to);
  };

  let [nextPoll, nextSync, nextRow] = model.paused ? [Infinity, Infinity, 0] : [0, cluster.syncPeriod + LATENCY, 0];
  for (;;) {
    const time = Math.min(nextPoll, nextSync, nextRow, pods.nextReady());
    if (time > duration) return { rows, changes };
    const lags = source.lags(time, pods.working);
    pods.advance(time);
    if (time === nextPoll) {
      set(time, keda.poll(time, pods.count, lags), "KEDA");
      nextPoll += model.pollingInterval + LATENCY;
    }
    if (time === nextSync) {
      const ask = () => keda.metrics(pods.count, lags);
      set(time, autoscaler.sync(time, pods.count, ask), "autoscaler");
      nextSync += cluster.syncPeriod + LATENCY;
    }
    if (time === nextRow) {
      rows.push({ time, lag: highest(lags), replicas: pods.count });
      nextRow += step;
    }
  }
}

/** The HorizontalPodAutoscaler that KEDA makes; its minimum is never 0. */
function autoscalerSettings({ minReplicas, maxReplicas, behavior, triggers }: ScalerModel): AutoscalerSettings {
  const targets = triggers.map(({ lagThreshold }) => lagThreshold);
  return { minReplicas: Math.max(1, minReplicas), maxReplicas, targets, behavior };
}

function leastOf({ minReplicas, idleReplicas }: ScalerModel): number {
  return idleReplicas ?? minReplicas;
}

function highest(lags: readonly (number | undefined)[]): number | undefined {
  return lags.reduce((most, lag) => (lag !== undefined && lag > (most ?? -1) ? lag : most), undefined);
}

/** Pods of a workload; new ones work after a while, and the newest go first. */
class Pods {
  count: number;
  working: number;
  /** When each pod that does not work yet will do so, in order. */
  readonly #starting: number[] = [];

  constructor(
    count: number,
    private readonly startTime: number,
  ) {
    this.count = count;
    this.working = count;
  }

  nextReady(): number {
    return this.#starting[0] ?? Infinity;
  }

  advance(time: number): void {
    while (this.nextReady() <= time) {
      this.#starting.shift();
      this.working++;
    }
  }

  set(time: number, count: number): void {
    for (let added = this.count; added < count; added++) {
      if (this.startTime === 0) this.working++;
      else this.#starting.push(time + this.startTime);
    }
    this.#starting.splice(Math.max(0, count - this.working));
    this.working = Math.min(this.working, count);
    this.count = count;
  }
}
