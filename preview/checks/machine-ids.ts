import { at, textOf } from "../json";
import type { EnvVariable, Workload } from "../workloads";
import { title, type Check, type Finding } from "./check";

const VARIABLE = "NOETL_SERVER_MACHINE_ID";
const POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']";
/** Ids have 10 bits; the server panics on more. */
const HIGHEST = 1023;

/** The ids that a workload's pods take: `first` … `last`. */
interface Ids {
  workload: Workload;
  first: number;
  last: number;
}

/**
 * Two servers with one machine id make the same snowflake ids, and events overwrite each other without an error. The
 * deployment specification demands a distinct id of 0 to 1023 for each replica; the pod index of a StatefulSet is one.
 */
export const machineIds: Check = {
  id: "machine-ids",
  title: "Every server pod has its own machine id of 0 to 1023.",
  run: ({ workloads }) => {
    const findings: Finding[] = [];
    const taken: Ids[] = [];
    for (const workload of workloads) {
      const variable = workload.containers.flatMap(({ env }) => env).find(({ name }) => name === VARIABLE);
      if (!variable) continue;
      const ids = idsOf(workload, variable);
      if (typeof ids === "string") findings.push(finding(workload, ids));
      else {
        for (const other of taken) if (overlap(ids, other)) findings.push(finding(workload, overlapText(ids, other)));
        taken.push(ids);
      }
    }
    return findings;
  },
};

/** The ids of a workload's pods, or what is wrong with them. */
function idsOf(workload: Workload, { value, valueFrom }: EnvVariable): Ids | string {
  const pods = workload.replicas.max;
  if (value !== undefined) {
    if (!/^\d+$/.test(value) || Number(value) > HIGHEST)
      return `machine id '${value}' is not a number of 0 to ${HIGHEST}`;
    if (pods > 1) return `${pods} pods share machine id ${value}`;
    return { workload, first: Number(value), last: Number(value) };
  }
  const path = textOf(at(valueFrom, "fieldRef", "fieldPath"));
  if (path !== POD_INDEX) return `machine id comes from ${path ?? "elsewhere"}, not from the pod's index`;
  // Only the StatefulSet controller sets the label; elsewhere the variable is empty and the server ignores all others.
  if (workload.kind !== "StatefulSet") return `pods of a ${workload.kind} have no index to take a machine id from`;
  const last = pods - 1;
  if (last > HIGHEST) return `${pods} pods need machine ids up to ${last}, but ${HIGHEST} is the highest`;
  return { workload, first: 0, last };
}

function overlap(a: Ids, b: Ids): boolean {
  return a.first <= b.last && b.first <= a.last;
}

function overlapText(ids: Ids, other: Ids): string {
  return `takes ${range(ids)}, which overlaps ${range(other)} of ${title(other.workload)}`;
}

function range({ first, last }: Ids): string {
  return first === last ? `machine id ${first}` : `machine ids ${first} to ${last}`;
}

function finding(workload: Workload, message: string): Finding {
  return {
    severity: "error",
    rule: machineIds.id,
    resource: workload.resource.urn,
    message,
    fix: "give a single server a free noetl:server.machineId (0 to 1023), and let more noetl:server.replicas be a StatefulSet",
  };
}
