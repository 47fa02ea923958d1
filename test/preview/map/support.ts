import type { Effect, ImpactReport, ResourceImpact } from "../../../preview/impact/report";
import type { Resource, ResourceGraph } from "../../../preview/graph";
import { kindOf, nameOf } from "../../../preview/facts";
import { component, configMap, env, graph, object, workload } from "../support";

/** A server that reads a ConfigMap and calls NATS, each in its component. */
export function platform(): ResourceGraph {
  return graph(
    component(
      "noetl:noetl:NoetlServer",
      "server",
      workload({ name: "api", container: { env: env({ NATS_URL: "nats://nats.nats.svc.cluster.local:4222" }) } }),
      configMap("settings", { a: "1" }, "noetl"),
    ),
    component(
      "noetl:nats:NatsCluster",
      "bus",
      object({ apiVersion: "v1", kind: "Service", metadata: { name: "nats", namespace: "nats" }, spec: {} }),
    ),
  );
}

/** The resource of a name. */
export function named({ resources }: ResourceGraph, name: string): Resource {
  const found = resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`the graph has no ${name}`);
  return found;
}

/** What a change does to a resource. */
export function impactOn(
  resource: Resource,
  effect: Partial<Effect> & Pick<Effect, "impact">,
  rest: Partial<ResourceImpact> = {},
): ResourceImpact {
  return {
    urn: resource.urn,
    kind: kindOf(resource),
    namespace: "noetl",
    name: nameOf(resource),
    change: "changed",
    fields: [],
    effects: [{ reason: "a field changes", fields: [], ...effect }],
    ...rest,
  };
}

export function report(...resources: ResourceImpact[]): ImpactReport {
  return { stack: "kind", before: "main", after: "the working tree", resources, same: 1, findings: [] };
}

/** `pools` worker pools of nine resources each, as a large platform has them. */
export function large(pools: number): ResourceGraph {
  return graph(
    component("noetl:nats:NatsCluster", "nats", configMap("nats-config", { a: "1" }, "nats")),
    ...Array.from({ length: pools }, (_, index) => {
      const name = `noetl-worker-${index}`;
      return component(
        "noetl:noetl:WorkerPool",
        name,
        workload({ name, container: { envFrom: [{ configMapRef: { name: `${name}-0` } }] } }),
        ...Array.from({ length: 8 }, (_, part) => configMap(`${name}-${part}`, { text: "x".repeat(1_200) }, "noetl")),
      );
    }),
  );
}
