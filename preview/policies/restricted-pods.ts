import { manifestOf } from "../graph";
import { objectOf } from "../json";
import { CONTROLS, podFacts } from "./pod-security";
import type { Policy, PolicyContext, Violation } from "./policy";

const LEVEL = "pod-security.kubernetes.io/enforce";

/** The *restricted* level of the Pod Security Standards, in full, as the API server of Kubernetes 1.36 enforces it. */
export const restrictedPods: Policy = {
  id: "restricted-pods",
  title: "Every pod keeps to the restricted Pod Security level, and every namespace enforces it.",
  reason:
    "A process that breaks out of its container is then an unknown user without rights on the node; namespaces that enforce the level refuse every other pod, whoever makes it.",
  severity: "error",
  fix: "take what restrictedPod() and RESTRICTED_CONTAINER of components/kubernetes/pod.ts give, and change only what the message names",
  find: (context) => [...podViolations(context), ...namespaceViolations(context)],
};

function podViolations({ workloads }: PolicyContext): Violation[] {
  return workloads.flatMap((workload) => {
    const pod = podFacts(workload);
    return CONTROLS.flatMap(({ name, find }) => {
      const found = find(pod);
      return found.length === 0
        ? []
        : [{ resource: workload.resource.urn, message: `${name}: ${found.join(", ")}` } satisfies Violation];
    });
  });
}

function namespaceViolations({ graph }: PolicyContext): Violation[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "Namespace") return [];
    if (objectOf(manifest.metadata.labels)[LEVEL] === "restricted") return [];
    return [
      { resource: resource.urn, message: `namespace ${manifest.metadata.name} has no label ${LEVEL}: restricted` },
    ];
  });
}
