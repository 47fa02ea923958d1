import type * as k8s from "@pulumi/kubernetes";
import { selector } from "./labels";

/** Lets a node drain take the pods of an app one at a time. */
export function oneAtATime(
  metadata: k8s.policy.v1.PodDisruptionBudgetArgs["metadata"],
  app: string,
): k8s.policy.v1.PodDisruptionBudgetArgs {
  return { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector(app) } } };
}
