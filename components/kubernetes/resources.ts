import type * as k8s from "@pulumi/kubernetes";
import type { Quantity } from "./quantity";

/** CPU and memory of a container, requested and limited. */
export interface ResourceAmounts {
  requests: { cpu: Quantity; memory: string };
  limits: { cpu: Quantity; memory: string };
}

/** The same as manifests write it: every quantity a string, as the API server returns it. */
export function resourceRequirements({
  requests,
  limits,
}: ResourceAmounts): k8s.types.input.core.v1.ResourceRequirements {
  return { requests: asStrings(requests), limits: asStrings(limits) };
}

function asStrings({ cpu, memory }: { cpu: Quantity; memory: string }) {
  return { cpu: String(cpu), memory };
}
