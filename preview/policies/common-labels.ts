import { manifestOf, type Json } from "../graph";
import { objectOf, textOf } from "../json";
import type { Policy, PolicyContext, Violation } from "./policy";

/** Of the recommended labels those that hold for every object; version, instance and component may be left out. */
const RECOMMENDED = ["app.kubernetes.io/name", "app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"];

export const commonLabels: Policy = {
  id: "common-labels",
  title:
    "Every object and every pod has the recommended labels name, part-of and managed-by, each pod those of its workload.",
  reason:
    "Dashboards, cost reports, cleanup and kubectl -l find by them what belongs together, and who made it; a pod that says other than its workload is found by half of them.",
  severity: "warning",
  fix: "take labels() of components/kubernetes/labels.ts",
  find: (context) => [...objects(context), ...pods(context)],
};

function objects({ graph }: PolicyContext): Violation[] {
  return graph.resources.flatMap((resource): Violation[] => {
    const manifest = manifestOf(resource);
    // A patch is a part of an object that is somebody else's.
    if (!manifest || resource.type.endsWith("Patch")) return [];
    return missingText(manifest.metadata.labels, "").map((message) => ({ resource: resource.urn, message }));
  });
}

function pods({ workloads }: PolicyContext): Violation[] {
  return workloads
    .filter(({ kind }) => kind !== "Pod")
    .flatMap(({ resource, manifest, podLabels }) => {
      const own = objectOf(manifest.metadata.labels);
      const others = RECOMMENDED.filter((key) => textOf(own[key]) !== undefined && textOf(podLabels[key]) !== undefined)
        .filter((key) => own[key] !== podLabels[key])
        .map(
          (key) =>
            `label ${key} of its pods is '${textOf(podLabels[key]) ?? ""}', its own is '${textOf(own[key]) ?? ""}'`,
        );
      return [...missingText(podLabels, " of its pods"), ...others].map((message) => ({
        resource: resource.urn,
        message,
      }));
    });
}

function missingText(labels: Json | undefined, of: string): string[] {
  const missing = RECOMMENDED.filter((key) => (textOf(objectOf(labels)[key]) ?? "") === "");
  return missing.length === 0 ? [] : [`the labels${of} lack ${missing.join(", ")}`];
}
