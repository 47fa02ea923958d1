import type { ClusterChoice } from "../cluster/kube";
import { StackCluster } from "../cluster/kube";
import { Reach } from "./reach";
import type { Clock } from "./wait";

/** Opens the ways into the cluster of a stack. @throws UserError when the kubeconfig does not have it */
export function openReach(choice: ClusterChoice, clock: Clock, signal?: AbortSignal, patience = 1): Reach {
  const cluster = StackCluster.open(choice);
  return new Reach(cluster.api(), cluster, clock, signal, patience);
}
