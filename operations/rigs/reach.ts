import { at, isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Forward, StackCluster } from "../cluster/kube";
import { type Api, answered, formatRef, type ObjectRef, readObject } from "./objects";
import { type Clock, type Tell, waitFor, type Waiting } from "./wait";

/** A port that something in the cluster serves. */
export interface Endpoint {
  kind: "Service" | "Pod";
  name: string;
  namespace: string;
  /** Port of the Service, or of the pod. */
  port: number;
}

/** A key of a Secret. */
export interface SecretKey {
  namespace: string;
  name: string;
  key: string;
}

/** Ways into a cluster: its API, and the ports of its pods. All of them end with {@link close}. */
export class Reach {
  readonly #forwards = new Map<string, Forward>();

  constructor(
    readonly api: Api,
    private readonly cluster: Pick<StackCluster, "forward">,
    readonly clock: Clock,
    readonly signal?: AbortSignal,
    /** By how much every wait may take longer than its step says; below 1: less. Default: 1. */
    private readonly patience = 1,
  ) {}

  /** The same ways for one who must not be interrupted, nor be in a hurry. */
  uninterrupted(): Reach {
    return new Reach(this.api, this.cluster, this.clock, undefined, Math.max(1, this.patience));
  }

  /** An object as it is; undefined when there is none. */
  read(ref: ObjectRef): Promise<JsonObject | undefined> {
    return readObject(this.api, ref);
  }

  /** An object as it is. @throws UserError when there is none */
  async mustRead(ref: ObjectRef): Promise<JsonObject> {
    const object = await this.read(ref);
    if (object === undefined) throw new UserError(`${formatRef(ref)} is not there`);
    return object;
  }

  /** All objects of a kind in a namespace, or those with some labels; none when the cluster does not know the kind. */
  async list(
    { apiVersion, kind, namespace }: Omit<ObjectRef, "name">,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<JsonObject[]> {
    const path = await this.api.pathOf(apiVersion, kind, namespace);
    if (path === undefined) return [];
    const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const query = selector.length === 0 ? "" : `?labelSelector=${encodeURIComponent(selector.join(","))}`;
    const items = listOf(answered(await this.api.send("GET", `${path}${query}`), `${kind}s`).items);
    return items.map((item) => ({ ...objectOf(item), apiVersion, kind }));
  }

  /** The pods that a workload or a Service chooses. */
  pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<JsonObject[]> {
    return this.list({ apiVersion: "v1", kind: "Pod", namespace }, labels);
  }

  /** The value of a key of a Secret. @throws UserError when it is not there */
  async secret({ namespace, name, key }: SecretKey): Promise<string> {
    const secret = await this.mustRead({ apiVersion: "v1", kind: "Secret", name, namespace });
    const value = textOf(at(secret, "data", key));
    if (value === undefined) throw new UserError(`Secret ${namespace}/${name} has no key ${key}`);
    return Buffer.from(value, "base64").toString("utf8");
  }

  /**
   * A local port that leads to a port in the cluster. The pod behind a Service is chosen anew when the one before is no
   * longer ready.
   *
   * @throws UserError when there is no such Service, or none of its pods is ready
   */
  async forward(endpoint: Endpoint): Promise<Forward> {
    const { namespace } = endpoint;
    const target = endpoint.kind === "Pod" ? { pod: endpoint.name, port: endpoint.port } : await this.behind(endpoint);
    const key = `${namespace}/${target.pod}:${target.port}`;
    const known = this.#forwards.get(key);
    if (known !== undefined) return known;
    const opened = await this.cluster.forward(namespace, target.pod, target.port);
    this.#forwards.set(key, opened);
    return opened;
  }

  /** Waits with this run's clock, until it is interrupted. */
  waitFor<T>(waiting: Waiting, look: (tell: Tell) => Promise<T | undefined>): Promise<T> {
    return waitFor({ ...waiting, seconds: this.patience * waiting.seconds }, look, this.clock, this.signal);
  }

  close(): void {
    for (const forward of this.#forwards.values()) forward.close();
    this.#forwards.clear();
  }

  private async behind({ name, namespace, port }: Endpoint): Promise<{ pod: string; port: number }> {
    const service = await this.mustRead({ apiVersion: "v1", kind: "Service", name, namespace });
    const entry = listOf(at(service, "spec", "ports"))
      .map(objectOf)
      .find((candidate) => candidate.port === port);
    if (entry === undefined) throw new UserError(`Service ${namespace}/${name} has no port ${port}`);
    const labels = objectOf(at(service, "spec", "selector")) as Record<string, string>;
    if (Object.keys(labels).length === 0) throw new UserError(`Service ${namespace}/${name} chooses no pods`);
    const ready = (await this.pods(namespace, labels)).find(isReady);
    if (ready === undefined) throw new UserError(`Service ${namespace}/${name} has no pod that is ready`);
    return { pod: textOf(at(ready, "metadata", "name")) ?? "", port: portOf(ready, entry.targetPort ?? port) };
  }
}

/** Whether a pod takes requests, and goes on to do so. */
export function isReady(pod: JsonObject): boolean {
  const conditions = listOf(at(pod, "status", "conditions")).map(objectOf);
  const ready = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  return ready && at(pod, "metadata", "deletionTimestamp") === undefined;
}

function portOf(pod: JsonObject, target: JsonObject[string]): number {
  if (typeof target === "number") return target;
  const containers = [...listOf(at(pod, "spec", "initContainers")), ...listOf(at(pod, "spec", "containers"))];
  const ports = containers.filter(isObject).flatMap(({ ports: list }) => listOf(list).map(objectOf));
  const found = numberOf(ports.find(({ name }) => name === target)?.containerPort);
  const name = textOf(at(pod, "metadata", "name")) ?? "";
  if (found === undefined) throw new UserError(`pod ${name} has no port named ${textOf(target) ?? ""}`);
  return found;
}
