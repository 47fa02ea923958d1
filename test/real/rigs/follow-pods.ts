import { setTimeout as delay } from "node:timers/promises";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

/** What stands for the container of a pod. */
export interface Process {
  start(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Does to processes what a kubelet does to containers: each runs for as long as its pod is there, and starts anew with a
 * new pod of the same name.
 *
 * @param processes by the names of their pods; those that run, run for the pods that are there now
 */
export class FollowedPods {
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #failure: unknown;
  readonly #uids = new Map<string, string | undefined>();

  constructor(
    private readonly kube: KubeClient,
    private readonly namespace: string,
    private readonly processes: ReadonlyMap<string, Process>,
  ) {}

  async start(): Promise<void> {
    for (const [name, uid] of await this.uids()) this.#uids.set(name, uid);
    this.#loop = this.follow().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  private async follow(): Promise<void> {
    while (!this.#stopped) {
      const now = await this.uids();
      await Promise.all([...this.processes].map(([name, process]) => this.adapt(process, name, now.get(name))));
      await delay(100);
    }
  }

  private async adapt(process: Process, name: string, uid: string | undefined): Promise<void> {
    const before = this.#uids.get(name);
    if (before === uid) return;
    this.#uids.set(name, uid);
    if (before !== undefined) await process.kill();
    if (uid !== undefined) await process.start();
  }

  private async uids(): Promise<Map<string, string>> {
    const pods = await this.kube.list<KubeObject & { metadata: { uid: string; deletionTimestamp?: string } }>(
      "v1",
      "Pod",
      {
        namespace: this.namespace,
      },
    );
    const there = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return new Map(there.map(({ metadata }) => [metadata.name, metadata.uid]));
  }
}
