import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster";
import type { PodPorts } from "../cluster/port-forwards";
import { KubeError } from "../support/kube-http";
import type { KubeObject } from "../support/objects";
import type { Faults } from "./faults";
import { type Address, type Place, StartError } from "./place";
import {
  environmentOf,
  filesOf,
  labelsOf,
  type Pod,
  portNamed,
  type SecretsAndMaps,
  serviceHost,
  type Service,
} from "./pods";

const STARTED = "test.noetl.io/started";
const STOPPED = "test.noetl.io/stopped";
/** Milliseconds between two looks at the pods, and until a container that has ended is started again. */
const [LOOK, RESTART] = [200, 1000];

/** What runs in a pod. */
export interface Part {
  /** Where it listens, by the ports of its container. */
  endpoints: PodPorts;
  stop(): Promise<void>;
}

/** How the container of a pod is started; undefined for pods in which nothing runs. */
export type Starter = (pod: Pod) =>
  | {
      container: string;
      /** Does what an init container does, one after the other. Default: none does anything */
      init?: (container: string, place: Place) => Promise<void>;
      start: (place: Place) => Promise<Part>;
    }
  | undefined;

interface Running {
  pod: Pod;
  part: Part | undefined;
  /** Ends the attempts to start it. */
  gone: boolean;
  done: Promise<void>;
}

/**
 * The kubelet of every node, as far as the platform's parts notice: starts what belongs into a pod, with the environment
 * and the files that its spec says, read from the API server; lets the pod be ready when that runs; leads port-forwards
 * to it; ends it when the pod is deleted, and lets go of the pod only then. Probes and limits are nobody's.
 */
export class Kubelet {
  readonly #pods = new Map<string, Running>();
  readonly #logs: string[] = [];
  #services: Service[] = [];
  #stopped = false;
  readonly #loop: Promise<void>;

  /** @param cluster whose pods wait for a kubelet: started with {@link waitingStages} and port-forwards */
  constructor(
    private readonly cluster: Cluster,
    private readonly starter: Starter,
    private readonly faults: Faults,
  ) {
    this.#loop = this.look();
  }

  /** Lines of the logs of all containers, each with its pod's name. */
  get logs(): readonly string[] {
    return this.#logs;
  }

  /** What runs in the pods of a name's beginning. */
  partsOf(prefix: string): Part[] {
    return [...this.#pods.values()].flatMap(({ pod, part }) =>
      part !== undefined && pod.metadata.name.startsWith(prefix) ? [part] : [],
    );
  }

  /** Where a name of the cluster's network leads. @throws Error when nothing is behind it */
  route(host: string, port: number): Address {
    const service = this.#services.find((candidate) => serviceHost(candidate, host));
    const entry = service?.spec.ports.find((candidate) => candidate.port === port);
    const labels = Object.entries(service?.spec.selector ?? {});
    for (const { pod, part } of this.#pods.values()) {
      if (service === undefined || part === undefined || pod.metadata.namespace !== service.metadata.namespace)
        continue;
      if (!labels.every(([name, value]) => labelsOf(pod)[name] === value)) continue;
      // A headless Service has no ports of its own.
      const address = part.endpoints.get(portNamed(pod, entry?.targetPort ?? entry?.port ?? port));
      if (address !== undefined) return address;
    }
    throw new Error(`connect ECONNREFUSED ${host}:${port}`);
  }

  /** Ends everything that runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    // Those that tell others that they go, before those others.
    for (const running of [...this.#pods.values()].reverse()) await this.end(running);
  }

  private async look(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.once();
      } catch (error) {
        this.#logs.push(`kubelet: ${(error as Error).message}`);
      }
      await delay(LOOK);
    }
  }

  private async once(): Promise<void> {
    const { kube } = this.cluster;
    const [pods, services] = await Promise.all([kube.list<Pod>("v1", "Pod"), kube.list<Service>("v1", "Service")]);
    this.#services = services;
    const present = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const pod of pods) {
      const uid = pod.metadata.uid ?? "";
      const running = this.#pods.get(uid);
      const isDeleted = pod.metadata.deletionTimestamp !== undefined;
      if (running === undefined && !isDeleted && pod.spec.nodeName !== undefined) this.begin(uid, pod);
      else if (isDeleted && pod.metadata.annotations?.[STOPPED] === undefined) {
        // Others need not wait for one that takes its time.
        void this.end(running).then(() => this.annotate(pod, STOPPED));
        this.#pods.delete(uid);
      }
    }
    for (const [uid, running] of this.#pods) {
      if (present.has(uid)) continue;
      this.#pods.delete(uid);
      await this.end(running);
    }
  }

  private begin(uid: string, pod: Pod): void {
    const running: Running = { pod, part: undefined, gone: false, done: Promise.resolve() };
    this.#pods.set(uid, running);
    running.done = this.run(running);
  }

  private async run(running: Running): Promise<void> {
    const { pod } = running;
    const chosen = this.starter(pod);
    const log = (line: string): void => {
      this.#logs.push(`${pod.metadata.name}: ${line}`);
    };
    while (chosen !== undefined && running.part === undefined && !running.gone) {
      try {
        for (const { name } of chosen.init ? (pod.spec.initContainers ?? []) : []) {
          await chosen.init?.(name, await this.placeOf(pod, name, log));
        }
        running.part = await chosen.start(await this.placeOf(pod, chosen.container, log));
        await this.cluster.lead(pod.metadata.namespace ?? "", pod.metadata.name, running.part.endpoints);
      } catch (error) {
        log(`${error instanceof StartError ? "ended" : "failed"}: ${(error as Error).message}`);
        await delay(RESTART);
      }
    }
    if (!running.gone) await this.annotate(pod, STARTED);
  }

  private async end(running: Running | undefined): Promise<void> {
    if (running === undefined) return;
    running.gone = true;
    await running.done;
    await running.part?.stop();
    running.part = undefined;
  }

  private async placeOf(pod: Pod, container: string, log: Place["log"]): Promise<Place> {
    const around = await this.secretsAndMaps(pod);
    const files = filesOf(pod, container, around);
    return {
      env: environmentOf(pod, container, around),
      hostname: pod.metadata.name,
      files,
      file: (path) => {
        const text = files.get(path);
        if (text === undefined) throw new StartError(`${path}: no such file`);
        return text;
      },
      route: (host, port) => this.route(host, port),
      log,
      faults: this.faults,
    };
  }

  /** What the pod's namespace has now: a container that starts again gets new values. */
  private async secretsAndMaps({ metadata: { namespace = "" } }: Pod): Promise<SecretsAndMaps> {
    const { kube } = this.cluster;
    const [secrets, maps] = await Promise.all([
      kube.list<KubeObject & { data?: Record<string, string> }>("v1", "Secret", { namespace }),
      kube.list<KubeObject & { data?: Record<string, string> }>("v1", "ConfigMap", { namespace }),
    ]);
    const decoded = (data: Record<string, string> = {}): Record<string, string> =>
      Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
    return {
      secrets: new Map(secrets.map(({ metadata, data }) => [metadata.name, decoded(data)])),
      maps: new Map(maps.map(({ metadata, data }) => [metadata.name, data ?? {}])),
    };
  }

  private async annotate(pod: Pod, annotation: string): Promise<void> {
    const { namespace = "", name } = pod.metadata;
    try {
      await this.cluster.kube.send(`/api/v1/namespaces/${namespace}/pods/${name}`, {
        method: "PATCH",
        contentType: "application/merge-patch+json",
        body: { metadata: { annotations: { [annotation]: "true" } } },
      });
    } catch (error) {
      // Gone in the meantime.
      if (!(error instanceof KubeError)) throw error;
    }
  }
}

/** Pods that live by their kubelet: ready when it has started them, gone when it has ended them. */
export function waitingStages(stages: readonly KubeObject[]): KubeObject[] {
  const after: Record<string, string> = { "pod-ready": STARTED, "pod-delete": STOPPED };
  return stages.map((stage) => {
    const annotation = after[stage.metadata.name];
    if (annotation === undefined) return stage;
    const spec = stage.spec as { selector: { matchExpressions: unknown[] } };
    const waits = { key: `.metadata.annotations["${annotation}"]`, operator: "Exists" };
    return {
      ...stage,
      spec: { ...spec, selector: { matchExpressions: [...spec.selector.matchExpressions, waits] } },
    };
  });
}
