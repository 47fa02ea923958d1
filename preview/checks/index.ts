import { checkContext, type Check, type CheckContext, type Finding, type Platform, type Severity } from "./check";
import { commandRouting } from "./command-routing";
import { connectionBudgetCheck } from "./connection-budget";
import { jetstreamVolume } from "./jetstream-volume";
import { machineIds } from "./machine-ids";
import { nodeBudget } from "./node-budget";
import { plaintextSecrets } from "./plaintext-secrets";
import { probePaths } from "./probe-paths";
import { scalers } from "./scalers";
import { sharedMemory } from "./shared-memory";
import { unpinnedImages } from "./unpinned-images";

export type { Check, CheckContext, Finding, Platform, Severity };
export { checkContext };

/** Every rule, in the order in which findings of one severity are shown. */
export const CHECKS: readonly Check[] = [
  commandRouting,
  connectionBudgetCheck,
  machineIds,
  jetstreamVolume,
  nodeBudget,
  scalers,
  sharedMemory,
  plaintextSecrets,
  unpinnedImages,
  probePaths,
];

const SEVERITIES: Severity[] = ["error", "warning", "info"];

/** Runs every rule on a platform. Errors come first, then warnings, then information. */
export function runChecks(platform: Platform): Finding[] {
  const context = checkContext(platform);
  const findings = CHECKS.flatMap((check) => check.run(context));
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** How many findings there are of a severity. */
export function countOf(findings: Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
