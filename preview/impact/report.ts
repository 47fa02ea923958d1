import type { Finding } from "../checks";
import type { FieldChange } from "../field-changes";

/**
 * What Kubernetes and Pulumi do with a change, the gravest first: the order in which every report shows it.
 *
 * - `data-at-risk`: something that holds data is deleted or replaced, or the data is out of reach afterwards.
 * - `refused`: the API server refuses the change; nothing of the resource is changed.
 * - `replace`: the field cannot be changed, so Pulumi deletes the object and makes it anew.
 * - `delete`: the object goes.
 * - `capacity-drop`: fewer pods, or less of a resource for them.
 * - `rolling-restart`: the pods are replaced one after another.
 * - `secret-rotation`: a credential changes; who reads it needs a restart, or takes it over.
 * - `config-reload`: a running process takes the change over without a restart.
 * - `update`: changed in place, with no effect on what runs.
 * - `create`: a new object.
 */
export const IMPACTS = [
  "data-at-risk",
  "refused",
  "replace",
  "delete",
  "capacity-drop",
  "rolling-restart",
  "secret-rotation",
  "config-reload",
  "update",
  "create",
] as const;

export type Impact = (typeof IMPACTS)[number];

/** One thing that a change does to a resource, and why. */
export interface Effect {
  impact: Impact;
  /** For people, one sentence without a full stop. Never a secret value. */
  reason: string;
  /** The fields that cause it, as in {@link FieldChange.path}; empty when the whole object comes or goes. */
  fields: readonly string[];
  /** Id of the row of knowledge or of the hazard that says so. */
  rule?: string;
  /** URN of another resource whose change causes it: the ConfigMap that a pod reads, say. */
  causedBy?: string;
}

/** How the pods of a workload are replaced. */
export interface Rollout {
  /** Pods that are replaced. */
  pods: number;
  /** How many of them are away at the same time, at most. */
  unavailable: number;
  /** How many further pods come up beside them, at most. */
  surge: number;
  /** Seconds until the last pod is ready, at most: from probes, grace periods and waits; without pulling images. */
  longestSeconds: number;
  /** Whether a majority of servers that need one stays up; undefined for what needs none. */
  quorumHolds?: boolean;
  /** Whether the disruption budget would be kept; undefined without one. */
  budgetHolds?: boolean;
  /** Pods that are replaced at most, where an autoscaler may have made more of them; `longestSeconds` counts these. */
  podsAtMost?: number;
}

/** What a change does to one resource. */
export interface ResourceImpact {
  urn: string;
  /** Kubernetes kind, or the last word of a type of another provider. */
  kind: string;
  namespace?: string;
  name: string;
  /** `same` for a resource that is not changed itself, but restarts because of another one. */
  change: "added" | "removed" | "changed" | "same";
  /** What differs, for `changed`. Secret values are fingerprints. */
  fields: FieldChange[];
  /** The gravest first; never empty. */
  effects: Effect[];
  rollout?: Rollout;
  /** Keys of the stack file whose edit changes it, as `noetl:server.replicas`; undefined where nobody can tell. */
  edits?: readonly string[];
}

/** What a change of a stack will do. */
export interface ImpactReport {
  stack: string;
  /** What is compared, for people: `main (1a2b3c4)`, `the working tree`, `rendered/kind`. */
  before: string;
  after: string;
  /** The gravest first, then by kind, namespace and name. */
  resources: ResourceImpact[];
  /** How many resources are the same on both sides. */
  same: number;
  /** Dangers to data with their safe ways, and policies that are broken only since the change. */
  findings: Finding[];
  /** What could not be compared, for people: values of secrets that one side does not have. */
  unseen?: readonly string[];
}

/** The gravest effect of a resource. */
export function impactOf({ effects }: ResourceImpact): Impact {
  return effects[0]?.impact ?? "update";
}

/** Sorts effects: the gravest first. */
export function byGravity(one: Effect, other: Effect): number {
  return IMPACTS.indexOf(one.impact) - IMPACTS.indexOf(other.impact);
}
