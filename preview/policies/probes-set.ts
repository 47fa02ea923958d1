import { isObject } from "../json";
import type { Policy } from "./policy";

/**
 * Asked of what listens: a container that nobody calls has nobody to be ready for. One container may be ready for all of
 * its pod: what an exporter beside it says must not take it out of its Service.
 */
export const probesSet: Policy = {
  id: "probes-set",
  title: "Every pod that listens has a readiness probe, and every container that listens a liveness probe.",
  reason:
    "Without a readiness probe an update sends requests to pods that cannot answer yet and stops the old ones too early; without a liveness probe a process that hangs stays for ever.",
  severity: "warning",
  fix: "set readinessProbe and livenessProbe; they may ask the same port, the liveness probe more patiently",
  find: ({ workloads }) =>
    workloads
      .filter(({ transient }) => !transient)
      .flatMap(({ resource, initContainers, containers }) => {
        const listening = [...initContainers.filter(({ sidecar }) => sidecar), ...containers].filter(
          ({ ports }) => ports.length > 0,
        );
        const isReady = listening.some(({ raw }) => isObject(raw.readinessProbe));
        const problems = [
          ...(listening.length === 0 || isReady ? [] : ["no container that listens has a readinessProbe"]),
          ...listening
            .filter(({ raw }) => !isObject(raw.livenessProbe))
            .map(({ name }) => `container '${name}' has no livenessProbe`),
        ];
        return problems.map((message) => ({ resource: resource.urn, message }));
      }),
};
