import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../../tools/cache";
import { type CrdSet, findCrds } from "../../../tools/crds";
import { ensureTool, type ToolPath } from "../../../tools/find";
import { type KubeClient, kubeClient } from "../support/kube";
import type { KubeCredentials } from "../support/kube-http";
import { isReady, type KubeObject } from "../support/objects";
import { freePort, isFree } from "../support/ports";
import { type ProcessSpec, startSupervisor, type SupervisedProcess } from "../support/supervisor";
import { type AutoscalerTimes, componentArguments, type ComponentName, COMPONENTS } from "./components";
import { ClusterError } from "./failure";
import { clusterFiles, createSecrets, writeClusterFiles } from "./files";
import { type ComponentTools, runComponents } from "./running";
import { DEFAULT_NODES, nodeObject, type SimulatedNode } from "./nodes";
import { PORT_FORWARD_DEFINITION, type PodPorts, portForward } from "./port-forwards";
import { podAndNodeStages } from "./stages";
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
  /** Keeps pods from being ready before their readiness probes' initial delays are over, as a kubelet does. @default false */
  probeDelays?: boolean;
  /** Changes how pods and nodes live. @default kwok's stages as they are */
  stages?: (stages: readonly KubeObject[]) => KubeObject[];
  /** How often HorizontalPodAutoscalers are looked at, and for how long they keep pods; seconds. @default 1 and 5 */
  autoscaler?: AutoscalerTimes;
  /** Lets ports of pods be led to where something listens (see {@link Cluster.lead}). @default false */
  portForwards?: boolean;
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
  /** Leads ports of a pod to where something listens, so that they can be forwarded; needs `portForwards`. */
  lead(namespace: string, pod: string, ports: PodPorts): Promise<void>;
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
  const kubeletPort = options.portForwards === true ? await freePort() : undefined;
  const admin = { ...secrets.admin, server: `https://127.0.0.1:${port}`, ca: secrets.authority.certificate };
  const supervisor = await startSupervisor("noetl-cluster-");
  const files = clusterFiles(supervisor.folder);
  const components = runComponents({
    supervisor,
    tools,
    env,
    arguments: componentArguments(files, port, { autoscaler: options.autoscaler, kubeletPort }),
  });
  const kube = kubeClient(admin);
  const untilAnswering = (): Promise<void> =>
    components.until("kube-apiserver", "it is not ready", () => answers(kube));
  const stop = async (): Promise<void> => {
    kube.close();
    await supervisor.stop();
  };

  try {
    const stages = [...podAndNodeStages(stageFilesOf(tools.kwok), options), ...volumeStages(nodes)];
    writeClusterFiles(files, { secrets, admin, contextName, stages });
    await components.start("etcd", "kube-apiserver");
    const crds = options.crds === true ? await findCrds(env) : { groups: {}, missing: [] };
    await untilAnswering();
    // kwok looks for it once, when it starts.
    if (kubeletPort !== undefined) await kube.applyAll([PORT_FORWARD_DEFINITION]);
    // Earlier they would only take the processor from the API server, and then wait for their next try.
    await components.start("kube-controller-manager", "kube-scheduler", "kwok");
    await Promise.all([
      kube.applyAll(Object.values(crds.groups).flat()),
      kube.applyAll([...nodes.map(nodeObject), ...storageClasses(options.storageClasses ?? STORAGE_CLASSES)]),
      components.until("kwok", "the nodes do not become ready", () => areNodesReady(kube, nodes.length)),
      components.until("kube-controller-manager", "it makes no service accounts", () => hasServiceAccount(kube)),
    ]);
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
      lead: async (namespace, pod, ports) => {
        await kube.apply(portForward(namespace, pod, ports), { force: true });
      },
      kill: (name) => components.kill(name),
      restart: async (name) => {
        await components.start(name);
        await untilAnswering();
      },
      run: (spec) => supervisor.start(spec),
      stop,
    };
  } catch (error) {
    const explained = components.explain(error as Error);
    await stop();
    throw explained;
  }
}

async function ensureComponents(env: Environment): Promise<ComponentTools> {
  const found: Partial<ComponentTools> = {};
  for (const name of COMPONENTS) {
    const tool = await ensureTool(name, { env });
    if (!tool.found) throw new ClusterError(`the test cluster cannot run: ${name}: ${tool.reason}`);
    found[name] = tool;
  }
  return found as ComponentTools;
}

async function portFor({ port }: ClusterOptions): Promise<number> {
  if (port === undefined) return freePort();
  if (await isFree(port)) return port;
  throw new ClusterError(`the test cluster cannot run: kube-apiserver: port 127.0.0.1:${port} is in use`);
}

function stageFilesOf({ files = "" }: ToolPath): string[] {
  return readdirSync(files).map((file) => join(files, file));
}

async function answers(kube: KubeClient): Promise<boolean> {
  return (await kube.send("/readyz")).status === 200;
}

/** Ready, also for the scheduler, which looks at taints. */
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
