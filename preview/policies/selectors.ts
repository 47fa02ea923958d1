import { manifestOf, type Manifest, type Resource } from "../graph";
import { at, isObject, listOf, objectOf, textOf } from "../json";
import { selects } from "../network/selector";
import type { Workload } from "../workloads";
import { rawContainers, type Policy, type PolicyContext, type Violation } from "./policy";

const SELECTING = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

/** What an object selects is there, and nobody else's. */
export const selectors: Policy = {
  id: "selectors",
  title: "Workloads select their own pods and no others; Services and PodDisruptionBudgets select pods that are there.",
  reason:
    "A Service that selects nothing is an address where nobody answers, a budget that selects nothing protects nothing, and one selector for two workloads mixes them up: nothing refuses any of it.",
  severity: "error",
  fix: "take selector() of components/kubernetes/labels.ts on both sides",
  find: (context) => [
    ...context.workloads.flatMap((workload) => ofWorkload(workload, context)),
    ...context.graph.resources.flatMap((resource) => ofOthers(resource, context)),
  ],
};

function ofWorkload(
  { resource, manifest, kind, name, namespace, podLabels }: Workload,
  context: PolicyContext,
): Violation[] {
  const selector = at(manifest.spec, "selector");
  if (!SELECTING.includes(kind)) return [];
  const say = (message: string): Violation => ({ resource: resource.urn, message });
  if (!isObject(selector) || Object.keys(selector).length === 0) return [say("its selector is empty")];
  if (!selects(selector, podLabels)) return [say("its selector does not select its own pods")];
  const others = context.workloads.filter(
    (other) => other.resource.urn !== resource.urn && other.namespace === namespace,
  );
  const serviceName = textOf(at(manifest.spec, "serviceName"));
  const hasService = servicesIn(namespace, context).some(({ metadata }) => metadata.name === serviceName);
  return [
    ...others
      .filter((other) => selects(selector, other.podLabels))
      .map((other) => say(`its selector also selects the pods of ${other.kind} ${other.name}`)),
    ...(kind === "StatefulSet" && !hasService
      ? [
          say(
            `it names the Service '${serviceName ?? ""}', which is not there: the pods of ${name} have no names in DNS`,
          ),
        ]
      : []),
  ];
}

function ofOthers(resource: Resource, { workloads }: PolicyContext): Violation[] {
  const manifest = manifestOf(resource);
  if (manifest?.kind !== "Service" && manifest?.kind !== "PodDisruptionBudget") return [];
  const spec = objectOf(manifest.spec);
  // A Service without a selector has its endpoints from elsewhere.
  const selector =
    manifest.kind === "Service" ? spec.selector && { matchLabels: spec.selector } : (spec.selector ?? {});
  if (selector === undefined) return [];
  const chosen = workloads.filter(
    ({ namespace, podLabels }) =>
      namespace === (manifest.metadata.namespace ?? "default") && selects(selector, podLabels),
  );
  if (chosen.length === 0) return [{ resource: resource.urn, message: "it selects no pod of any workload" }];
  return unknownPorts(manifest, chosen).map((name) => ({
    resource: resource.urn,
    message: `its target port '${name}' is a port of none of the pods it selects`,
  }));
}

function unknownPorts({ kind, spec }: Manifest, chosen: readonly Workload[]): string[] {
  if (kind !== "Service") return [];
  const named = chosen.flatMap((workload) =>
    rawContainers(workload).flatMap((raw) => listOf(raw.ports).map((port) => textOf(at(port, "name")))),
  );
  return listOf(at(spec, "ports"))
    .flatMap((port) => textOf(at(port, "targetPort")) ?? [])
    .filter((name) => !named.includes(name));
}

function servicesIn(namespace: string, { graph }: PolicyContext): Manifest[] {
  return graph.resources
    .flatMap((resource) => manifestOf(resource) ?? [])
    .filter(({ kind, metadata }) => kind === "Service" && (metadata.namespace ?? "default") === namespace);
}
