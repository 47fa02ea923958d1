import type { PlatformConfig } from "../../stacks/schema";
import { monitoringSchema } from "../../stacks/schema/monitoring";
import type { EndpointChoice } from "./endpoint";
import type { Limits } from "./recipes";
import type { Scope } from "./selector";

/** What is judged by where no stack is named. */
export const DEFAULT_LIMITS: Limits = monitoringSchema.parse(undefined).thresholds;

/** What an operator chose: which API to ask, and for which series. */
export interface Choice extends EndpointChoice {
  label: Scope;
}

/**
 * The choice with what a stack adds to it: the project of its section `gcp`, and its cluster as label `cluster`. What was
 * chosen wins; with `url` nothing is added, for only Google's monitoring is known to have these.
 */
export function choiceOf<T extends Choice>(choice: T, { gcp }: Pick<PlatformConfig, "gcp">): T {
  if (!gcp || choice.url !== undefined) return choice;
  const { project = gcp.project, label } = choice;
  return { ...choice, project, label: { cluster: gcp.cluster.name, ...label } };
}
