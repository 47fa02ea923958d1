import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

/** From when on a workload has had so many pods; seconds. */
export interface Count {
  time: number;
  replicas: number;
}

interface WatchEvent {
  type: string;
  object: KubeObject & { spec: { replicas: number } };
}

/** Writes down the number of pods that every Deployment of a namespace is to have, at each change, however short it held. */
export class Recorder {
  readonly #counts = new Map<string, Count[]>();
  readonly #begin = Date.now();
  #end: () => void = () => undefined;
  #isStopped = false;

  constructor(
    private readonly kube: KubeClient,
    private readonly namespace: string,
  ) {
    this.watch();
  }

  /** Seconds since the begin. */
  now(): number {
    return (Date.now() - this.#begin) / 1000;
  }

  of(deployment: string): Count[] {
    return this.#counts.get(deployment) ?? [];
  }

  /** The numbers alone, from a time on: first the one that holds then. */
  numbers(deployment: string, from = 0): number[] {
    const counts = this.of(deployment);
    const first = counts.findLastIndex(({ time }) => time <= from);
    return counts.slice(Math.max(0, first)).map(({ replicas }) => replicas);
  }

  stop(): void {
    this.#isStopped = true;
    this.#end();
  }

  /** Begins with what is there; a watch that ends is begun again. */
  private watch(): void {
    if (this.#isStopped) return;
    const seen = (line: string): void => {
      const { type, object } = JSON.parse(line) as WatchEvent;
      if (type === "ADDED" || type === "MODIFIED") this.note(object.metadata.name, object.spec.replicas);
    };
    const path = `/apis/apps/v1/namespaces/${this.namespace}/deployments?watch=true`;
    this.#end = this.kube.lines(path, seen, () => {
      this.watch();
    });
  }

  private note(deployment: string, replicas: number): void {
    const counts = this.#counts.get(deployment) ?? [];
    if (counts.at(-1)?.replicas !== replicas) counts.push({ time: this.now(), replicas });
    this.#counts.set(deployment, counts);
  }
}
