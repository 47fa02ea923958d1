import type * as k8s from "@pulumi/kubernetes";
import { selector } from "./labels";

const TOPOLOGY_KEYS = { zone: "topology.kubernetes.io/zone", node: "kubernetes.io/hostname" } as const;

/** Keeps the pods of an app apart, over each of these, as far as there are several: a pod is never left waiting. */
export function spreadOver(
  app: string,
  ...places: readonly (keyof typeof TOPOLOGY_KEYS)[]
): k8s.types.input.core.v1.TopologySpreadConstraint[] {
  return places.map((place) => ({
    maxSkew: 1,
    topologyKey: TOPOLOGY_KEYS[place],
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selector(app) },
  }));
}
