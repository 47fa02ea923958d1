import { at, isObject, listOf, type JsonObject } from "../json";
import { selects } from "../network/selector";
import type { Workload } from "../workloads";
import { isReplicated, type Policy } from "./policy";

const ZONE = "topology.kubernetes.io/zone";

/** Preferred is enough: a pod that waits for a zone that is away serves nobody. */
export const zoneSpread: Policy = {
  id: "zone-spread",
  title: "The pods of a workload with several replicas are spread over zones.",
  reason:
    "Without a constraint of its own the scheduler may put all pods of a workload into one zone, and the workload goes with the zone.",
  severity: "warning",
  fix: `add a topology spread constraint by ${ZONE} that selects the pods of the workload`,
  productionOnly: true,
  find: ({ workloads }) =>
    workloads.flatMap((workload) => {
      const { resource, replicas } = workload;
      if (!isReplicated(workload) || replicas.max < 2 || isSpread(workload)) return [];
      const pods = replicas.count === replicas.max ? `${replicas.count} pods` : `up to ${replicas.max} pods`;
      return [{ resource: resource.urn, message: `nothing spreads its ${pods} over zones` }];
    }),
};

function isSpread({ podSpec, podLabels }: Workload): boolean {
  const affinity = ["required", "preferred"].flatMap((kind) =>
    listOf(at(podSpec.affinity, "podAntiAffinity", `${kind}DuringSchedulingIgnoredDuringExecution`)).map(
      (term) => at(term, "podAffinityTerm") ?? term,
    ),
  );
  // A constraint that selects other pods counts those, and leaves these where they are.
  return [...listOf(podSpec.topologySpreadConstraints), ...affinity]
    .filter((term): term is JsonObject => isObject(term) && term.topologyKey === ZONE)
    .some(({ labelSelector }) => isObject(labelSelector) && selects(labelSelector, podLabels));
}
