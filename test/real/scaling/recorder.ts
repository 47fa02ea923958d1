import { setInterval } from "node:timers/promises";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

const EVERY_MILLISECONDS = 100;

/** From when on a workload has had so many pods; seconds. */
export interface Count {
  time: number;
  replicas: number;
}

/** Writes down the number of pods that every Deployment of a namespace is to have, whenever it changes. */
export class Recorder {
  readonly #counts = new Map<string, Count[]>();
  readonly #stop = new AbortController();
  readonly #begin = Date.now();

  constructor(
    private readonly kube: KubeClient,
    private readonly namespace: string,
  ) {
    void this.run();
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
    this.#stop.abort();
  }

  private async run(): Promise<void> {
    try {
      for await (const _ of setInterval(EVERY_MILLISECONDS, undefined, { signal: this.#stop.signal }))
        await this.look();
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  private async look(): Promise<void> {
    const { namespace } = this;
    const deployments = await this.kube.list<KubeObject & { spec: { replicas: number } }>("apps/v1", "Deployment", {
      namespace,
    });
    for (const { metadata, spec } of deployments) {
      const counts = this.#counts.get(metadata.name) ?? [];
      if (counts.at(-1)?.replicas !== spec.replicas) counts.push({ time: this.now(), replicas: spec.replicas });
      this.#counts.set(metadata.name, counts);
    }
  }
}
