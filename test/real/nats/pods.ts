import { randomInt } from "node:crypto";
import { plainObjects, type PlainObjects, type PodObjects } from "./manifests";
import { NatsPod } from "./pod";

/** How a rolling update differs from the fastest possible one. */
export interface RollOutOptions {
  /** What the edited StatefulSet is made of. @default what there is */
  objects?: PodObjects;
  /** Milliseconds between the end of the preStop hook and SIGTERM. @default 0 */
  sigtermAfter?: number;
  /** Gets every pod that has been replaced and is ready; the next one waits for it. */
  each?: (pod: NatsPod) => void | Promise<void>;
}

/**
 * The pods of one or more NATS StatefulSets that can reach each other by name: what StatefulSet controller, kubelet and
 * cluster DNS do, as far as NATS notices.
 */
export class NatsPods {
  private constructor(
    /** Every pod, in the order of the StatefulSets and of their indexes. */
    readonly all: readonly NatsPod[],
    private readonly sets: readonly PlainObjects[],
  ) {}

  /**
   * Makes the pods; {@link start} starts them.
   *
   * @param natsServer path of the executable
   */
  static async create(natsServer: string, ...sets: PodObjects[]): Promise<NatsPods> {
    const network = freeNetwork();
    const plain = sets.map(plainObjects);
    const pods: NatsPod[] = [];
    const hosts: string[] = [];
    for (const set of plain) {
      const { metadata, spec } = set.statefulSet;
      const domain = `${spec.serviceName}.${metadata.namespace}.svc.cluster.local`;
      for (let index = 0; index < spec.replicas; index += 1) {
        const identity = { name: `${metadata.name}-${index}`, ip: `${network}.${pods.length + 1}` };
        pods.push(await NatsPod.create(natsServer, identity, set));
        // As a headless Service does: a name for each pod, and one for all.
        hosts.push(`${identity.ip} ${identity.name}.${domain} ${domain}\n`);
      }
    }
    for (const pod of pods) await pod.writeHosts(hosts.join(""));
    return new NatsPods(pods, plain);
  }

  /** The pod of this name. */
  pod(name: string): NatsPod {
    const found = this.all.find((pod) => pod.name === name);
    if (!found) throw new Error(`no pod ${name} among ${this.all.map((pod) => pod.name).join(", ")}`);
    return found;
  }

  /** The pods of a StatefulSet. */
  of(statefulSet: string): NatsPod[] {
    return this.all.filter(({ name }) => name.slice(0, name.lastIndexOf("-")) === statefulSet);
  }

  /** Starts all at the same time, as `podManagementPolicy: Parallel` does, until all accept connections. */
  async start(pods: readonly NatsPod[] = this.all): Promise<void> {
    await Promise.all(pods.map((pod) => pod.start()));
  }

  /** Waits until all are ready. */
  async ready(pods: readonly NatsPod[] = this.all): Promise<void> {
    await Promise.all(pods.map((pod) => pod.ready()));
  }

  /**
   * Replaces the pods of a StatefulSet as its controller does in a rolling update: the last first, each as soon as the
   * one before is ready, faster than any kubelet finds out, and without `minReadySeconds`, of which nothing here may
   * depend, unless the options say otherwise.
   */
  async rollOut(statefulSet: string, { objects, sigtermAfter, each }: RollOutOptions = {}): Promise<void> {
    const set = objects ? plainObjects(objects) : this.setOf(statefulSet);
    for (const pod of this.of(statefulSet).reverse()) {
      await pod.terminate(sigtermAfter);
      await pod.change(set);
      await pod.emptyVolumes("temporary");
      await pod.start();
      await pod.ready();
      await each?.(pod);
    }
  }

  /** Ends everything. */
  async remove(): Promise<void> {
    await Promise.all(this.all.map((pod) => pod.remove()));
  }

  private setOf(name: string): PlainObjects {
    const found = this.sets.find(({ statefulSet }) => statefulSet.metadata.name === name);
    if (!found) throw new Error(`no StatefulSet ${name}`);
    return found;
  }
}

/** The first three bytes of loopback addresses that no other network of this machine is likely to have. */
function freeNetwork(): string {
  return `127.${randomInt(2, 255)}.${randomInt(0, 255)}`;
}
