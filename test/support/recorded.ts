import type * as pulumi from "@pulumi/pulumi";
import { manifestOf, type Manifest, type Resource, type ResourceGraph } from "../../preview/graph";
import { record } from "../../preview/recorder";

/** Everything that a piece of program registers, recorded offline. */
export function recorded(program: () => unknown): Promise<ResourceGraph> {
  return record({
    project: "noetl",
    stack: "test",
    program: () => {
      program();
      return {} satisfies pulumi.Inputs;
    },
  });
}

/** `Kind/name` of every Kubernetes object, sorted. */
export function objectNames(graph: ResourceGraph): string[] {
  return graph.resources.flatMap((resource) => nameOf(resource) ?? []).sort();
}

/**
 * The object `Kind/name`.
 *
 * @throws Error that lists what there is, when it is missing.
 */
export function objectNamed(graph: ResourceGraph, name: string): Manifest {
  const found = graph.resources.find((resource) => nameOf(resource) === name);
  const manifest = found && manifestOf(found);
  if (!manifest) throw new Error(`no ${name} among ${objectNames(graph).join(", ")}`);
  return manifest;
}

function nameOf(resource: Resource): string | undefined {
  const manifest = manifestOf(resource);
  return manifest && `${manifest.kind}/${manifest.metadata.name}`;
}
