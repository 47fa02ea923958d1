import * as manifests from "../../../components/nats/manifests";
import type { NatsFacts } from "../../../components/nats/facts";
import { secretConf, serverConf, type ClusterPasswords } from "../../../components/nats/server-conf";
import { restartChecksum } from "../../../components/nats/reload-table";
import { waitFor } from "../support/wait";
import type { PodObjects } from "./manifests";
import type { NatsPod } from "./pod";

/** Passwords of everything that tests have. */
export const PASSWORDS: ClusterPasswords = {
  system: "system-password",
  noetl: "noetl-password",
  cluster: "cluster: p@ss/w0rd",
  gateway: "$gateway 1",
};

/** Objects of a cluster, as NatsCluster makes them. */
export function objectsOf(facts: NatsFacts, passwords = PASSWORDS): PodObjects {
  return {
    statefulSet: manifests.statefulSet(facts, restartChecksum(serverConf(facts))),
    configMap: manifests.configMap(facts),
    secret: manifests.authSecret(facts, secretConf(facts, passwords)),
  };
}

/** Waits until every stream of every server is current: plain `/healthz`. */
export async function allCurrent(pods: readonly NatsPod[]): Promise<void> {
  for (const pod of pods) {
    await waitFor(`${pod.name} to be current`, async () => (await pod.status("/healthz")) === 200 || undefined);
  }
}

/** What `/jsz` says of the meta group. */
export interface MetaGroup {
  leader: string;
  cluster_size: number;
}

/** The meta group as a server sees it; undefined while it knows no leader. */
export async function metaGroup(pod: NatsPod): Promise<MetaGroup | undefined> {
  const { meta_cluster: group } = await pod.monitor<{ meta_cluster?: MetaGroup }>("/jsz");
  return group?.leader === undefined || group.leader === "" ? undefined : group;
}
