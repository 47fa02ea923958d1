import { manifestOf, type Resource } from "../graph";
import { at } from "../json";
import type { Policy, PolicyContext, Violation } from "./policy";

/**
 * Against `pulumi destroy` and an edit that takes the wrong thing out. Changes that lose data are in preview/hazards; what is
 * on Google Cloud, with the locks of its API, is the check deletion-protection.
 */
export const dataProtected: Policy = {
  id: "data-protected",
  title: "What holds data is protected, or stays when the stack lets it go.",
  reason:
    "A namespace takes its volume claims with it: without protection one destroy, or one edit that takes it out, is the end of the data.",
  severity: "error",
  fix: "set protect: true or retainOnDelete: true; to let it go on purpose: pulumi state unprotect URN",
  productionOnly: true,
  find: (context) => {
    const holders = namespacesWithClaims(context);
    return context.graph.resources.flatMap((resource): Violation[] => {
      const what = dataOf(resource, holders);
      if (what === undefined) return [];
      // It would delete the claims of its own accord, whatever Pulumi refuses.
      if (what.always !== true && (resource.protect || resource.retainOnDelete)) return [];
      return [{ resource: resource.urn, message: what.message }];
    });
  },
};

/** Namespaces in which a pod's data lies on a volume. */
function namespacesWithClaims({ workloads, graph }: PolicyContext): ReadonlySet<string> {
  const claims = graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    return manifest?.kind === "PersistentVolumeClaim" ? (manifest.metadata.namespace ?? "default") : [];
  });
  const templates = workloads.filter(({ volumeClaims }) => volumeClaims.length > 0).map(({ namespace }) => namespace);
  return new Set([...claims, ...templates]);
}

function dataOf(resource: Resource, holders: ReadonlySet<string>): { message: string; always?: true } | undefined {
  const manifest = manifestOf(resource);
  switch (manifest?.kind) {
    case "Namespace":
      if (!holders.has(manifest.metadata.name)) return undefined;
      return { message: `namespace ${manifest.metadata.name} has volume claims, which go with it` };
    case "PersistentVolumeClaim":
      return { message: "the claim takes its volume with it" };
    case "StatefulSet": {
      if (at(manifest.spec, "persistentVolumeClaimRetentionPolicy", "whenDeleted") !== "Delete") return undefined;
      return { message: "its volume claims go with it (persistentVolumeClaimRetentionPolicy)", always: true };
    }
  }
  if (/^random:.*encryption-key$/.test(`${resource.type} ${resource.name}`)) {
    return { message: "without the key nobody reads what was encrypted with it" };
  }
  return undefined;
}
