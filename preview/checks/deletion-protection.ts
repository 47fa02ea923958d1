import { at } from "../json";
import type { Resource } from "../graph";
import type { PlatformConfig } from "../../stacks/schema";
import { PRODUCTION } from "../../stacks/schema/gcp";
import type { Check, Finding } from "./check";
import { GCP, gcpResources } from "./gcp-graph";

/** What has data, or cannot be had again under its name. */
const KEPT = [GCP.cluster, GCP.instance, GCP.database, GCP.repository, GCP.firestore] as const;

/** One wrong command must not be enough: Google's API, the provider and Pulumi each refuse to delete. */
export const deletionProtection: Check = {
  id: "deletion-protection",
  title: "In production, nothing that has data on Google Cloud can be deleted by one command.",
  scope: "googleCloud",
  run: ({ graph, config }) =>
    KEPT.flatMap((type) => gcpResources(graph, type)).flatMap((kept) => finding(kept, config)),
};

function finding(resource: Resource, { profile, gcp }: PlatformConfig): Finding[] {
  const open = whatIsOpen(resource);
  if (open.length === 0 || !PRODUCTION.has(profile)) return [];
  const reason = gcp?.unprotectedBecause;
  const common = { rule: deletionProtection.id, resource: resource.urn };
  if (reason !== undefined) {
    return [{ severity: "info", ...common, message: `can be deleted (${open.join(", ")}): ${reason}`, fix: "" }];
  }
  return [
    {
      severity: "error",
      ...common,
      message: `can be deleted (${open.join(", ")}), and nobody says why`,
      fix: "set noetl:gcp.deletionProtection to true, or noetl:gcp.unprotectedBecause to the reason",
    },
  ];
}

/** Which of its locks are open. */
function whatIsOpen({ type, protect, inputs }: Resource): string[] {
  const provider = type === GCP.cluster || type === GCP.instance;
  return [
    ...(protect ? [] : ["protect"]),
    ...(provider && inputs.deletionProtection !== true ? ["deletionProtection"] : []),
    ...(type === GCP.instance && at(inputs.settings, "deletionProtectionEnabled") !== true
      ? ["deletionProtectionEnabled"]
      : []),
    ...(type === GCP.firestore && inputs.deleteProtectionState !== "DELETE_PROTECTION_ENABLED"
      ? ["deleteProtectionState"]
      : []),
  ];
}
