import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../../preview/graph";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { findCrds } from "../../../tools/crds";
import { type Cluster, startCluster } from "../cluster/cluster";
import { deploy, untilRunning } from "../stacks/deployment";
import { objectsOf, readable, type SecretValues } from "../stacks/objects";
import { type Backing, startBacking } from "./backing";
import { Faults } from "./faults";
import { ContractGateway } from "./gateway";
import { makeStreams } from "./init-containers";
import { Kubelet, type Starter, waitingStages } from "./kubelet";
import type { Address } from "./place";
import { ContractServer } from "./server";
import { ContractWorker } from "./worker";

/** Everything a rig looks at: a stack with both servers, both kinds of workers, and a gateway. */
const PLATFORM_STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster, maxConnections: 200 }
  noetl:server: { healthApi: published }
  noetl:pythonServer: {}
  noetl:gateway: {}
  noetl:workerPools:
    - { name: noetl-worker-rust, poolName: worker-rust-pool, segment: shared }
    - name: noetl-worker
      poolName: worker-cpu-01
      runtime: python
      image: ghcr.io/noetl/noetl:v2.35.9
      # Both take the same commands, so that a rig must keep the Python workers off them.
      sharesConsumer: true
  noetl:streams: { mode: declared, by: bootstrap }
  noetl:systemPool: { maxConcurrent: 2 }
`;

/** A platform for rigs: its objects in a real API server, and in its pods the contract's parts. */
export class ContractPlatform {
  private constructor(
    readonly cluster: Cluster,
    readonly backing: Backing,
    readonly faults: Faults,
    readonly kubelet: Kubelet,
    /** The stack that it was made from: what `--stack-file` takes. */
    readonly stackFile: string,
    /** The objects of the stack, as they were applied. */
    readonly objects: readonly Manifest[],
  ) {}

  /**
   * Starts the stores and a cluster, applies what the stack renders, and waits until everything is ready.
   *
   * @param stack the text of a stack file of profile kind
   */
  static async start(stack = PLATFORM_STACK): Promise<ContractPlatform> {
    const settings = parseStackFile(stack, "Pulumi.contract.yaml");
    const [cluster, rendered, crds] = await Promise.all([
      startCluster({
        ...{ contextName: settings.config.cluster.context, portForwards: true, stages: waitingStages },
      }),
      objectsOf(settings),
      findCrds(process.env),
    ]);
    // All others take seconds that no rig needs.
    await cluster.kube.applyAll(crds.groups["keda.sh"] ?? []);
    const objects = readable(rendered.objects, crds.missing);
    const backing = await startBacking(loginsOf(rendered.secrets, settings.config.postgres)).catch(
      async (error: unknown) => {
        await cluster.stop();
        throw error;
      },
    );
    const faults = new Faults();
    const kubelet = new Kubelet(cluster, starterOf(backing), faults);
    const stackFile = join(cluster.folder, "Pulumi.contract.yaml");
    writeFileSync(stackFile, stack);
    const platform = new ContractPlatform(cluster, backing, faults, kubelet, stackFile, objects);
    try {
      await deploy(cluster.kube, objects);
      await untilRunning(cluster.kube, objects);
    } catch (error) {
      const logs = kubelet.logs.slice(-20).join("\n");
      await platform.stop();
      throw new Error(`${(error as Error).message}\n${logs}`, { cause: error });
    }
    return platform;
  }

  async stop(): Promise<void> {
    await this.kubelet.stop();
    await this.cluster.stop();
    await this.backing.stop();
  }
}

type Postgres = ReturnType<typeof parseStackFile>["config"]["postgres"];

/** The logins that the stack's Secrets hold. */
function loginsOf(secrets: SecretValues, { adminUser, user }: Postgres) {
  const value = (secret: string, key: string): string => {
    const found = secrets.get(secret)?.[key];
    if (found === undefined) throw new Error(`no ${secret}/${key}`);
    return found;
  };
  return {
    admin: { user: adminUser, password: value("postgres/postgres-secret", "POSTGRES_PASSWORD") },
    postgres: { user, password: value("noetl/noetl-secret", "NOETL_PASSWORD") },
    nats: { user: "noetl", password: value("noetl/noetl-nats", "NATS_PASSWORD") },
  };
}

/** What runs in which pod. */
function starterOf({ postgres, nats, monitoring, select }: Backing): Starter {
  const stands = (container: string, ports: [number, Address][]) => ({
    container,
    start: () => Promise.resolve({ endpoints: new Map(ports), stop: () => Promise.resolve() }),
  });
  return (pod) => {
    const container = pod.spec.containers[0]?.name ?? "";
    const { app, component, runtime } = pod.metadata.labels ?? {};
    const kind = runtime === "rust" ? "rust" : "python";
    if (app === "postgres") return stands(container, [[5432, postgres]]);
    if (app === "nats") {
      return stands(container, [
        [4222, nats],
        [8222, monitoring],
      ]);
    }
    if (component === "gateway") return { container, start: (place) => ContractGateway.start(place) };
    if (component === "server") {
      return { container, init: makeStreams, start: (place) => ContractServer.start(place, kind) };
    }
    if (component === "worker" || component === "system-worker") {
      return { container, start: (place) => ContractWorker.start(place, { runtime: kind, select }) };
    }
    return undefined;
  };
}
