import type { PlatformConfig } from "../../stacks/schema";
import type { ResourceGraph } from "../graph";
import { workloadsOf, type Container, type Workload } from "../workloads";

/** How much a finding matters: an error will not work, a warning may bite, information is worth knowing. */
export type Severity = "error" | "warning" | "info";

/** What a check found. */
export interface Finding {
  severity: Severity;
  /** Id of the check. */
  rule: string;
  /** URN of the resource, or the key of the stack file. */
  resource: string;
  /** What is wrong, with the numbers. Never a secret value. */
  message: string;
  /** What to change, naming the key of the stack file. */
  fix: string;
  /** What to do one after another, where that is the fix. */
  steps?: readonly string[];
  /** That somebody accepted it, why, and the last day on which that counts. */
  waived?: { reason: string; until: string };
}

/** A rendered stack and the settings it was rendered from. */
export interface Platform {
  graph: ResourceGraph;
  config: PlatformConfig;
}

/** What a check looks at. */
export interface CheckContext extends Platform {
  /** The graph's workloads, read once for all checks. */
  workloads: Workload[];
  /** The day, as `2026-11-21`; without it, nobody asks what has expired. */
  today?: string | undefined;
}

/** What of a stack a check looks at. */
export type Scope = "kubernetes" | "googleCloud" | "infrastructure";

/** One rule about a whole platform. */
export interface Check {
  /** Short name, stable: people search for it. */
  id: string;
  /** What must hold, in a sentence. */
  title: string;
  /** What it looks at; a stack without that is not asked. Default: `kubernetes`. */
  scope?: Scope;
  run: (context: CheckContext) => Finding[];
}

/** Why a check has nothing to look at in a stack; undefined where it has. */
export function whyNot({ scope = "kubernetes" }: Pick<Check, "scope">, { gcp }: PlatformConfig): string | undefined {
  const base = gcp?.layer === "infrastructure";
  if (scope === "kubernetes") return base ? "this stack makes nothing in Kubernetes" : undefined;
  if (!gcp) return "this stack has nothing on Google Cloud";
  return scope === "infrastructure" && !base ? "the stack of the infrastructure layer makes that" : undefined;
}

/** Prepares a platform for the checks. */
export function checkContext({ graph, config }: Platform, today?: string): CheckContext {
  return { graph, config, workloads: workloadsOf(graph), today };
}

/** A literal environment value of a container. */
export function envValue(container: Container, name: string): string | undefined {
  return container.env.find((variable) => variable.name === name)?.value;
}

/** A literal environment value as a whole number; undefined when it is absent or something else. */
export function envNumber(container: Container, name: string): number | undefined {
  const value = envValue(container, name);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A finding's resource for people: kind and name of a URN, anything else as it is. */
export function resourceTitle(resource: string): string {
  if (!resource.startsWith("urn:")) return resource;
  const [, , types = "", name = ""] = resource.split("::");
  return `${types.slice(types.lastIndexOf(":") + 1)} ${name}`;
}

/** `Deployment noetl/noetl-server-rust`. */
export function title({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}

/** The stack file's key of what a workload was made from: that of a worker pool by its name, else the server's. */
export function keyOf({ name: wanted }: Workload, { workerPools, subscriptions, ...config }: PlatformConfig): string {
  for (const [section, list] of Object.entries({ workerPools, subscriptions })) {
    const index = list.findIndex(({ name }) => name === wanted);
    if (index >= 0) return `noetl:${section}[${index}]`;
  }
  if (wanted === config.systemPool.name) return "noetl:systemPool";
  return wanted === config.server.name ? "noetl:server" : `noetl:${wanted}`;
}
