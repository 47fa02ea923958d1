import { CERTIFICATE_ANNOTATION, RELOADER_ANNOTATION } from "../components/tls/pod-tls";
import type { ResourceGraph } from "./graph";
import { workloadsOf, type Workload } from "./workloads";

/**
 * What makes the pods of a workload start anew with a renewed certificate: `update`, the same update that renews it;
 * `reloader`, Stakater's Reloader; `nobody`, so that a person has to.
 */
export type Restarter = "update" | "reloader" | "nobody";

/** A workload that reads a certificate at its start. */
export interface Restart {
  workload: Workload;
  by: Restarter;
}

/** Which workloads must restart when a certificate is renewed, by the name of its Secret, and what restarts them. */
export function restartsOf(graph: ResourceGraph, workloads = workloadsOf(graph)): ReadonlyMap<string, Restart[]> {
  const restarts = new Map<string, Restart[]>();
  for (const workload of workloads) {
    for (const [key, revision] of Object.entries(workload.podAnnotations)) {
      if (!key.startsWith(`${CERTIFICATE_ANNOTATION}/`)) continue;
      const secret = key.slice(CERTIFICATE_ANNOTATION.length + 1);
      const restart = { workload, by: restarterOf(workload, secret, revision) };
      restarts.set(secret, [...(restarts.get(secret) ?? []), restart]);
    }
  }
  return restarts;
}

function restarterOf({ manifest, transient }: Workload, secret: string, revision: unknown): Restarter {
  // A Job reads its certificate in each run.
  if (transient || isChecksum(revision)) return "update";
  const { annotations } = manifest.metadata as { annotations?: Record<string, unknown> };
  const reloaded = annotations?.[RELOADER_ANNOTATION];
  return typeof reloaded === "string" && reloaded.split(",").includes(secret) ? "reloader" : "nobody";
}

/** Whether the annotation changes with the certificate: where the program knows what is in it. */
function isChecksum(revision: unknown): boolean {
  return typeof revision === "string" && /^[0-9a-f]{8}$/.test(revision);
}
