import { checkContext, type Check, type Finding } from "../../preview/checks";
import type { Json, Manifest, Resource, ResourceGraph } from "../../preview/graph";
import { platformSchema, type PlatformConfig } from "../../stacks/schema";

/** A resource of a hand-made graph with what belongs to it. */
export interface Node {
  type: string;
  name: string;
  custom: boolean;
  inputs: Record<string, Json>;
  protect?: boolean;
  retainOnDelete?: boolean;
  children?: Node[];
}

type Options = Pick<Node, "protect" | "retainOnDelete" | "children">;

/** A graph of stack `kind` as the recorder would make it. */
export function graph(...nodes: Node[]): ResourceGraph {
  const root: Resource = {
    urn: "urn:pulumi:kind::noetl::pulumi:pulumi:Stack::noetl-kind",
    type: "pulumi:pulumi:Stack",
    name: "noetl-kind",
    dependencies: [],
    custom: false,
    protect: false,
    retainOnDelete: false,
    inputs: {},
  };
  const resources = [root];
  const add = (node: Node, parent: string, parentTypes: string): void => {
    const urn = `urn:pulumi:kind::noetl::${parentTypes}${node.type}::${node.name}`;
    const { type, name, custom, inputs, protect = false, retainOnDelete = false } = node;
    resources.push({ urn, type, name, parent, dependencies: [], custom, protect, retainOnDelete, inputs });
    for (const child of node.children ?? []) add(child, urn, `${parentTypes}${node.type}$`);
  };
  for (const node of nodes) add(node, root.urn, "");
  return { project: "noetl", stack: "kind", resources };
}

/** A component with its children. */
export function component(type: string, name: string, ...children: Node[]): Node {
  return { type, name, custom: false, inputs: {}, children };
}

/** A Kubernetes object. */
export function object(manifest: Manifest, options: Options = {}): Node {
  const group = manifest.apiVersion === "v1" ? "core/v1" : manifest.apiVersion;
  const inputs = JSON.parse(JSON.stringify(manifest)) as Record<string, Json>;
  return {
    type: `kubernetes:${group}:${manifest.kind}`,
    name: manifest.metadata.name,
    custom: true,
    inputs,
    ...options,
  };
}

/** A resource of another provider: `random:index/randomPassword:RandomPassword`. */
export function resource(type: string, name: string, inputs: Record<string, Json>, options: Options = {}): Node {
  return { type, name, custom: true, inputs, ...options };
}

export interface WorkloadOptions {
  kind?: "Deployment" | "StatefulSet" | "DaemonSet" | "Job";
  name?: string;
  namespace?: string;
  spec?: Record<string, Json>;
  podSpec?: Record<string, Json>;
  podAnnotations?: Record<string, Json>;
  /** Fields of its only container. */
  container?: Record<string, Json>;
}

/** A workload of one container `app`, image `registry.example/app:1.0`, without replicas, requests and limits. */
export function workload(options: WorkloadOptions = {}): Node {
  const { kind = "Deployment", name = "app", namespace = "noetl", spec, podSpec, podAnnotations, container } = options;
  return object({
    apiVersion: kind === "Job" ? "batch/v1" : "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: {
      template: {
        metadata: { labels: { app: name }, ...(podAnnotations && { annotations: podAnnotations }) },
        spec: { containers: [{ name: "app", image: "registry.example/app:1.0", ...container }], ...podSpec },
      },
      ...spec,
    },
  });
}

/** Requests and limits of a container: `amounts("100m 128Mi", "1 1Gi")`. */
export function amounts(requests: string, limits: string): Json {
  const pair = (text: string): Json => {
    const [cpu = "", memory = ""] = text.split(" ");
    return { cpu, memory };
  };
  return { requests: pair(requests), limits: pair(limits) };
}

/** An environment list: `env({ NOETL_PORT: "8082" })`; objects become `valueFrom`. */
export function env(variables: Record<string, string | Record<string, Json>>): Json {
  return Object.entries(variables).map(([name, value]): Json =>
    typeof value === "string" ? { name, value } : { name, valueFrom: value },
  );
}

/** A ConfigMap in namespace `nats`. */
export function configMap(name: string, data: Record<string, string>, namespace = "nats"): Node {
  return object({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data });
}

/** Settings for a graph that is no platform with flows. */
export const OPEN = { networkPolicy: { mode: "off" } };

/** Settings of a stack: the schema's defaults and what a test says. */
export function config(settings: Record<string, unknown> = {}): PlatformConfig {
  return platformSchema.parse({
    profile: "kind",
    cluster: { context: "kind-noetl" },
    postgres: { mode: "inCluster" },
    ...settings,
  });
}

/** What one check says of a graph. */
export function findingsOf(check: Check, shown: ResourceGraph, settings?: Record<string, unknown>): Finding[] {
  return check.run(checkContext({ graph: shown, config: config(settings) }));
}
