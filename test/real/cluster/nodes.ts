import type { KubeObject } from "../support/objects";

/** A node that kwok simulates. */
export interface SimulatedNode {
  name: string;
  /** Value of `topology.kubernetes.io/zone`. */
  zone: string;
  /** Added to the labels that every node has. */
  labels?: Readonly<Record<string, string>>;
  taints?: readonly { key: string; value?: string; effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute" }[];
  /** What the machine has. @default 8 CPUs, 32Gi of memory, 100Gi of ephemeral storage, 110 pods */
  capacity?: NodeResources;
  /** What pods may use of it. @default what GKE leaves of the default capacity: 7910m, 28Gi, 47Gi, 110 */
  allocatable?: NodeResources;
}

/** Kubernetes quantities. */
export interface NodeResources {
  cpu: string;
  memory: string;
  "ephemeral-storage": string;
  pods: string;
}

const CAPACITY: NodeResources = { cpu: "8", memory: "32Gi", "ephemeral-storage": "100Gi", pods: "110" };
const ALLOCATABLE: NodeResources = { cpu: "7910m", memory: "28Gi", "ephemeral-storage": "47Gi", pods: "110" };

/** Two nodes in each of three zones. */
export const DEFAULT_NODES: readonly SimulatedNode[] = ["a", "b", "c"].flatMap((zone) =>
  [1, 2].map((index) => ({ name: `node-${zone}-${index}`, zone })),
);

/** @returns the Node object; kwok makes it ready */
export function nodeObject(node: SimulatedNode): KubeObject {
  const { name, zone, labels = {}, taints = [], capacity = CAPACITY, allocatable = ALLOCATABLE } = node;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "simulated",
        "topology.kubernetes.io/region": "simulated",
        "topology.kubernetes.io/zone": zone,
        ...labels,
      },
    },
    spec: { taints },
    status: { capacity, allocatable },
  };
}
