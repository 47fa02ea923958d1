import type { RequestOptions } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterApi } from "../../../operations/cluster/api";
import { type Platform, platformOf } from "../../../operations/rigs/platform";
import { Reach } from "../../../operations/rigs/reach";
import type { Clock } from "../../../operations/rigs/wait";
import { parseStackFile } from "../../../stacks/config/stack-file";
import type { Cluster } from "../cluster/cluster";

const STACK = `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
`;

/** A platform of profile kind in a namespace, for rigs that look at nothing but objects. */
export function platformIn(namespace: string, profile: "kind" | "gke" = "kind"): Platform {
  const { config } = parseStackFile(STACK, "Pulumi.kind.yaml");
  const graph = { project: "noetl", stack: "kind", resources: [] };
  return { ...platformOf("kind", { ...config, profile }, graph), namespace };
}

/** Looks again at once, so that a test waits for the cluster and not for the pause between two looks. */
export const fastClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  wait: async () => {
    await delay(50);
  },
};

/** A cluster's API server, without the library that reads kubeconfigs: it is of modules that Jest does not load. */
export function adminApi({ admin, contextName }: Cluster): ClusterApi {
  const config = {
    currentContext: contextName,
    getCurrentCluster: () => ({ server: admin.server }),
    applyToHTTPSOptions: (options: RequestOptions) => {
      Object.assign(options, { ca: admin.ca, cert: admin.certificate, key: admin.key });
      return Promise.resolve();
    },
  };
  return new ClusterApi(config as unknown as KubeConfig);
}

/** Ways to a cluster's API server, for rigs that forward no ports. */
export function apiReach(cluster: Cluster, signal?: AbortSignal): Reach {
  const forward = () => Promise.reject(new Error("no port is forwarded here"));
  return new Reach(adminApi(cluster), { forward }, fastClock, signal);
}
