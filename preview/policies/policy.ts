import type { ResourceGraph } from "../graph";
import { listOf, isObject, type JsonObject } from "../json";
import { workloadsOf, type Workload } from "../workloads";

/** What a policy looks at: a graph, whatever program it comes from. */
export interface PolicyContext {
  graph: ResourceGraph;
  /** The graph's workloads, read once for all policies. */
  workloads: Workload[];
  /** Whether people depend on it: then more is demanded. */
  production: boolean;
}

/** A place where a policy is broken. */
export interface Violation {
  /** URN of the resource. */
  resource: string;
  /** What is wrong there. Never a secret value. */
  message: string;
}

/**
 * What an organisation demands of every object, whatever it is for. What makes sense only for a whole platform with its
 * settings is a check instead (preview/checks).
 */
export interface Policy {
  /** Short name, stable: waivers and people search for it. */
  id: string;
  /** What must hold, in a sentence. */
  title: string;
  /** Why, in a sentence. */
  reason: string;
  /** An error must not be deployed; a warning may bite. */
  severity: "error" | "warning";
  /** What to change, in general. */
  fix: string;
  /** Whether only environments that people depend on are asked. */
  productionOnly?: true;
  find: (context: PolicyContext) => Violation[];
}

/** Prepares a graph for the policies. */
export function policyContext(graph: ResourceGraph, production: boolean): PolicyContext {
  return { graph, workloads: workloadsOf(graph), production };
}

/** Workloads whose pods stay and are replaced when they go. */
export function isReplicated({ kind }: Workload): boolean {
  return kind === "Deployment" || kind === "StatefulSet" || kind === "ReplicaSet";
}

/** The pod's containers as the manifest has them, in the order of {@link Workload}; those for debugging last. */
export function rawContainers({ podSpec }: Workload): JsonObject[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    listOf(podSpec[key]).filter(isObject),
  );
}
