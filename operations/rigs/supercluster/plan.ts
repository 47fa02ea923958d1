import { CLIENT_PORT } from "../../../components/nats/facts";
import { memberName } from "../../../components/nats/supercluster-facts";
import { NOETL_USER } from "../../../components/nats/accounts";
import { natsPlan, type PlannedCluster } from "../../nats/plan";
import type { NatsServer } from "../nats";
import type { Platform } from "../platform";
import type { SuperclusterLinks } from "./links";

/** The supercluster of a stack; undefined when it has none. */
export function superclusterOf({ graph, config }: Pick<Platform, "graph" | "config">): SuperclusterLinks | undefined {
  const { natsSupercluster: settings } = config;
  if (settings.topology === "none") return undefined;
  const names = settings.clusters.map(({ name }) => memberName(name));
  const clusters = natsPlan(graph, config).clusters.filter(({ statefulSet }) => names.includes(statefulSet));
  // Without a cluster block, a StatefulSet's name is all that the plan can read: the stack file has the cluster's.
  const named = clusters.map((cluster) => ({
    ...cluster,
    name: settings.clusters[names.indexOf(cluster.statefulSet)]?.name ?? cluster.name,
  }));
  return { topology: settings.topology, clusters: named };
}

/** The platform's own login at a server of a cluster, or at any of them. */
export function serverOf({ namespace, statefulSet }: PlannedCluster, pod?: string): NatsServer {
  return {
    endpoint:
      pod === undefined
        ? { kind: "Service", name: statefulSet, namespace, port: CLIENT_PORT }
        : { kind: "Pod", name: pod, namespace, port: CLIENT_PORT },
    user: NOETL_USER.user,
    password: { namespace: "noetl", name: "noetl-nats", key: "NATS_PASSWORD" },
  };
}
