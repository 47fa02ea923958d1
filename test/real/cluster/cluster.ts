import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../../tools/cache";
import { type CrdSet, findCrds } from "../../../tools/crds";
import { ensureTool, type ToolPath } from "../../../tools/find";
import { type KubeClient, kubeClient } from "../support/kube";
import type { KubeCredentials } from "../support/kube-http";
import { isReady, type KubeObject } from "../support/objects";
import { freePort, isFree } from "../support/ports";
import { type ProcessSpec, startSupervisor, type SupervisedProcess, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { componentArguments, type ComponentName, COMPONENTS } from "./components";
import { ClusterError, componentFailure } from "./failure";
import { clusterFiles, createSecrets, writeClusterFiles } from "./files";
import { DEFAULT_NODES, nodeObject, type SimulatedNode } from "./nodes";
import { storageClasses, volumeStages } from "./volumes";

/** What a test may choose about its cluster. */
export interface ClusterOptions {
  /** Name of the kubeconfig's context, cluster and user. @default "noetl-test" */
  contextName?: string;
  /** Installs all CRDs that can be found. @default false */
  crds?: boolean;
  /** @default two nodes in each of the zones a, b and c */
  nodes?: readonly SimulatedNode[];
  /** Names of the storage classes; the first is the default class. @default those of kind and GKE */
  storageClasses?: readonly string[];
  /** Port of the API server on 127.0.0.1. @default a free one */
  port?: number;
  /** Where tools and CRDs are looked for. @default process.env */
  env?: Environment;
}

/** A running Kubernetes control plane with simulated nodes. */
export interface Cluster {
  /** A kubeconfig of an administrator; it holds its certificates, so that it can be copied. */
  kubeconfigPath: string;
  contextName: string;
  /** For example `https://127.0.0.1:24680`. */
  server: string;
  /** Certificate of the authority that signed the server's, PEM. */
  caFile: string;
  /** What the kubeconfig holds. */
  admin: KubeCredentials;
  /** A client that acts as the administrator. */
  kube: KubeClient;
  /** Holds all files of the cluster; it is gone after `stop`. */
  folder: string;
  /** The log of each component, in the folder. */
  logs: Readonly<Record<ComponentName, string>>;
  /** What `crds: true` installed, and what it could not. */
  crds: CrdSet;
  /** From the call, or from the end of the last build of a tool, until the cluster could be used. */
  bootMilliseconds: number;
  /** Ends a component, as a crash would. */
  kill(component: ComponentName): Promise<void>;
  /** Starts a component that was killed, with the same data and port; waits until the API server answers. */
  restart(component: ComponentName): Promise<void>;
  /** Runs another process that ends with the cluster. */
  run(spec: ProcessSpec): Promise<SupervisedProcess>;
  /** Ends all processes and removes the folder. May be called more than once. */
  stop(): Promise<void>;
}

const STORAGE_CLASSES = ["standard", "standard-rwo", "premium-rwo"];
const NOT_READY = "node.kubernetes.io/not-ready";
// Far beyond any boot, and below the limit of waitFor, so that the component is named.
const LIMIT_MILLISECONDS = 45_000;

/**
 * Boots etcd, an API server, a controller manager, a scheduler and kwok on loopback; tools that are missing are built
 * first. All of it ends with this process, however it ends (see {@link Supervisor}).
 *
 * @throws ClusterError when the cluster does not come up; no process and no folder is left then, only a log
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { env = process.env, contextName = "noetl-test", nodes = DEFAULT_NODES } = options;
  const tools = await ensureComponents(env);
  const begin = Date.now();
  const [port, secrets] = await Promise.all([portFor(options), createSecrets()]);
  const admin = { ...secrets.admin, server: `https://127.0.0.1:${port}`, ca: secrets.authority.certificate };
  const supervisor = await startSupervisor("noetl-cluster-");
  const kube = kubeClient(admin);
  const stop = async (): Promise<void> => {
    kube.close();
    await supervisor.stop();
  };

  try {
    const files = clusterFiles(supervisor.folder);
    const stages = { stageFiles: stageFilesOf(tools.kwok), stages: volumeStages(nodes) };
    writeClusterFiles(files, { secrets, admin, contextName, ...stages });
    const components = runComponents({ supervisor, tools, env, arguments: componentArguments(files, port) });
    await Promise.all(COMPONENTS.map((name) => components.start(name)));
    await components.until("kube-apiserver", "is not ready", () => isAnswering(kube));

    const crds = options.crds === true ? await findCrds(env) : { groups: {}, missing: [] };
    await kube.applyAll([
      ...nodes.map(nodeObject),
      ...storageClasses(options.storageClasses ?? STORAGE_CLASSES),
      ...Object.values(crds.groups).flat(),
    ]);
    await components.until("kwok", "the nodes are not ready", () => areNodesReady(kube, nodes.length));
    await components.until("kube-controller-manager", "makes no service accounts", () => hasServiceAccount(kube));

    return {
      kubeconfigPath: files.kubeconfig,
      contextName,
      server: admin.server,
      caFile: files.ca,
      admin,
      kube,
      folder: supervisor.folder,
      logs: components.logs(),
      crds,
      bootMilliseconds: Date.now() - begin,
      kill: (name) => components.kill(name),
      restart: async (name) => {
        await components.start(name);
        await components.until("kube-apiserver", "is not ready", () => isAnswering(kube));
      },
      run: (spec) => supervisor.start(spec),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Tools = Record<ComponentName, ToolPath>;

async function ensureComponents(env: Environment): Promise<Tools> {
  const found: Partial<Tools> = {};
  for (const name of COMPONENTS) {
    const tool = await ensureTool(name, { env });
    if (!tool.found) throw new ClusterError(`the test cluster cannot run: ${name}: ${tool.reason}`);
    found[name] = tool;
  }
  return found as Tools;
}

async function portFor({ port }: ClusterOptions): Promise<number> {
  if (port === undefined) return freePort();
  if (await isFree(port)) return port;
  throw new ClusterError(`the test cluster cannot run: kube-apiserver: port 127.0.0.1:${port} is in use`);
}

function stageFilesOf({ files = "" }: ToolPath): string[] {
  return readdirSync(files).map((file) => join(files, file));
}

interface ComponentsOptions {
  supervisor: Supervisor;
  tools: Tools;
  env: Environment;
  arguments: Record<ComponentName, string[]>;
}

interface Components {
  start(name: ComponentName): Promise<void>;
  kill(name: ComponentName): Promise<void>;
  logs(): Record<ComponentName, string>;
  /**
   * Waits until something is so.
   *
   * @param name component to blame when it does not become so
   * @throws ClusterError also when any component ends meanwhile
   */
  until(name: ComponentName, problem: string, look: () => Promise<boolean>): Promise<void>;
}

function runComponents({ supervisor, tools, env, arguments: args }: ComponentsOptions): Components {
  const running = new Map<ComponentName, SupervisedProcess>();
  const get = (name: ComponentName): SupervisedProcess => {
    const component = running.get(name);
    if (component === undefined) throw new Error(`${name} does not run`);
    return component;
  };
  return {
    start: async (name) => {
      running.set(name, await supervisor.start({ name, command: tools[name].path, arguments: args[name] }));
    },
    kill: async (name) => {
      await get(name).kill();
      running.delete(name);
    },
    logs: () => Object.fromEntries(COMPONENTS.map((name) => [name, get(name).log])) as Record<ComponentName, string>,
    until: async (name, problem, look) => {
      const end = Date.now() + LIMIT_MILLISECONDS;
      await waitFor(name, async () => {
        const ended = [...running.values()].find((component) => component.exit() !== undefined);
        if (ended !== undefined) throw componentFailure(ended, "", env);
        if (await look()) return true;
        if (Date.now() > end) throw componentFailure(get(name), problem, env);
        return undefined;
      });
    },
  };
}

async function isAnswering(kube: KubeClient): Promise<boolean> {
  try {
    await kube.send("/readyz");
    return true;
  } catch {
    return false;
  }
}

/** Ready, and so for the scheduler, which looks at taints. */
async function areNodesReady(kube: KubeClient, count: number): Promise<boolean> {
  const nodes = await kube.list<KubeObject & { spec: { taints?: { key: string }[] } }>("v1", "Node");
  const usable = nodes.filter(
    (node) => isReady(node) && (node.spec.taints ?? []).every(({ key }) => key !== NOT_READY),
  );
  return usable.length === count;
}

/** Pods are refused in a namespace that has none. */
async function hasServiceAccount(kube: KubeClient): Promise<boolean> {
  const account = { apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: "default" };
  return (await kube.get(account)) !== undefined;
}
