import type { Finding } from "./checks";
import { manifestOf, type Json, type ResourceGraph } from "./graph";
import type { Totals } from "./totals";
import type { View } from "./view";
import { toYamlText } from "./yaml-text";

/** What `--format json` prints. */
export interface PreviewJson {
  stack: string;
  profile: string;
  resources: {
    urn: string;
    type: string;
    parent: string | null;
    dependencies: string[];
    protect: boolean;
    /** The Kubernetes object; the inputs of anything else; null for components. */
    manifest: Json;
  }[];
  findings: Finding[];
  totals: Totals;
  /** Null when nothing was compared. */
  difference: { with: string; added: string[]; removed: string[]; changed: string[] } | null;
}

/** A preview as data, complete and stable: the public format of `preview --format json`. */
export function toJson({ graph, profile, findings, totals, comparison }: View): PreviewJson {
  return {
    stack: graph.stack,
    profile,
    resources: graph.resources.map(({ urn, type, parent, dependencies, protect, custom, inputs }) => ({
      urn,
      type,
      parent: parent ?? null,
      dependencies,
      protect,
      manifest: custom ? inputs : null,
    })),
    findings,
    totals,
    difference:
      comparison.kind === "compared"
        ? {
            with: comparison.with,
            added: comparison.difference.added.map(({ path }) => path),
            removed: comparison.difference.removed.map(({ path }) => path),
            changed: comparison.difference.changed.map(({ path }) => path),
          }
        : null,
  };
}

/** All Kubernetes objects of a graph as one stream, in the order of the program. Resources of other clouds are not in it. */
export function toYaml(graph: ResourceGraph): string {
  return graph.resources
    .flatMap((resource) => (manifestOf(resource) ? `---\n${toYamlText(resource.inputs)}` : []))
    .join("");
}
