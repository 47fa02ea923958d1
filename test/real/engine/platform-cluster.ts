import { join } from "node:path";
import { projectFolder } from "../../../preview/project-folder";
import { stackFile, stacksOf } from "../../../preview/stack-location";
import { readStackFile } from "../../../stacks/config/stack-file";
import { type Cluster, type ClusterOptions, startCluster } from "../cluster/cluster";
import type { PluginName } from "../plugins/install";
import { type Engine, startEngine } from "./engine";
import { writeKubeconfig } from "./kubeconfig";

/** Names of all shipped stacks. */
export const STACKS = stacksOf(projectFolder());

/** An engine, and a cluster to which the contexts of all shipped stacks lead. */
export interface PlatformCluster {
  cluster: Cluster;
  engine: Engine;
  kubeconfig: string;
  stop(): Promise<void>;
}

/** Starts both, and says which plugins run. */
export async function startPlatformCluster(options: ClusterOptions = {}): Promise<PlatformCluster> {
  const cluster = await startCluster({ crds: true, ...options });
  try {
    const engine = await startEngine();
    const kubeconfig = join(engine.folder, "kubeconfig");
    writeKubeconfig(kubeconfig, cluster.kubeconfigPath, [...new Set(STACKS.map(contextOf))]);
    process.stderr.write(`Pulumi ${engine.version}; ${pluginLine(engine)}\n`);
    const stop = async (): Promise<void> => {
      await engine.stop();
      await cluster.stop();
    };
    return { cluster, engine, kubeconfig, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function contextOf(stack: string): string {
  return readStackFile(stackFile(projectFolder(), stack)).config.cluster.context;
}

function pluginLine({ plugins: { origin } }: Engine): string {
  const names = Object.keys(origin) as PluginName[];
  return `plugins: ${names.map((name) => `${name} (${origin[name]})`).join(", ")}`;
}
