import { at } from "../json";
import type { Container, Workload } from "../workloads";
import type { Policy } from "./policy";

/** Requests for processor and memory and a limit of memory; whether the processor is limited is a matter of taste. */
export const resourcesSet: Policy = {
  id: "resources-set",
  title: "Every container requests processor and memory, and has a limit of memory.",
  reason:
    "Without requests the scheduler puts pods where there is no room and evicts them first; without a limit one leak takes its whole node along.",
  severity: "warning",
  fix: "set resources.requests.cpu, resources.requests.memory and resources.limits.memory",
  find: ({ workloads }) =>
    workloads.flatMap((workload) =>
      [...workload.initContainers, ...workload.containers].flatMap((container) => {
        const missing = missingIn(container, workload);
        if (missing.length === 0) return [];
        return [
          { resource: workload.resource.urn, message: `container '${container.name}' has no ${missing.join(", ")}` },
        ];
      }),
    ),
};

/** A limit counts as a request where there is none, and what the pod as a whole has counts for all of its containers. */
function missingIn({ requests, limits }: Container, { podSpec }: Workload): string[] {
  const ofPod = (kind: string, amount: string): boolean => at(podSpec.resources, kind, amount) !== undefined;
  const isRequested = (amount: "cpu" | "memory"): boolean =>
    requests[amount] !== undefined ||
    limits[amount] !== undefined ||
    ofPod("requests", amount) ||
    ofPod("limits", amount);
  return [
    ...(isRequested("cpu") ? [] : ["requests.cpu"]),
    ...(isRequested("memory") ? [] : ["requests.memory"]),
    ...(limits.memory !== undefined || ofPod("limits", "memory") ? [] : ["limits.memory"]),
  ];
}
