import { setTimeout as delay } from "node:timers/promises";
import { type Container, runContainer, type Surroundings } from "../database/container";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

type Pod = KubeObject & {
  metadata: { labels?: Record<string, string> };
  spec: { containers: Container[] };
  status?: { phase?: string };
};

/** Runs the first container of each Job's pod in a namespace as a process here, and tells the API server how it ended. */
export class JobPods {
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #failure: unknown;
  readonly #seen = new Set<string>();

  constructor(
    private readonly kube: KubeClient,
    private readonly namespace: string,
    private readonly surroundings: () => Surroundings,
  ) {}

  start(): void {
    this.#loop = this.run().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  private async run(): Promise<void> {
    while (!this.#stopped) {
      for (const pod of await this.kube.list<Pod>("v1", "Pod", { namespace: this.namespace })) {
        const { name, labels } = pod.metadata;
        if (labels?.["job-name"] === undefined || pod.status?.phase !== "Running" || this.#seen.has(name)) continue;
        this.#seen.add(name);
        const [container] = pod.spec.containers;
        if (container) await this.end(name, await runContainer(container, this.surroundings()));
      }
      await delay(100);
    }
  }

  private async end(name: string, { status, output }: { status: number | null; output: string }): Promise<void> {
    if (status !== 0) process.stderr.write(`${name}: ${output}\n`);
    await this.kube.send(`/api/v1/namespaces/${this.namespace}/pods/${name}/status`, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { status: { phase: status === 0 ? "Succeeded" : "Failed" } },
    });
  }
}
