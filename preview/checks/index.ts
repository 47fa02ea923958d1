import { alertRoutes } from "./alert-routes";
import { certificates } from "./certificates";
import { alertsLeftOut } from "./alerts-left-out";
import { checkContext, whyNot, type Check, type Finding, type Platform, type Severity } from "./check";
import { cloudSqlConnections } from "./cloud-sql-connections";
import { deletionProtection } from "./deletion-protection";
import { gcpRanges } from "./gcp-ranges";
import { gcpRegions } from "./gcp-regions";
import { certificateNames } from "./certificate-names";
import { commandRouting } from "./command-routing";
import { connectionBudgetCheck } from "./connection-budget";
import { executionOwners } from "./execution-owners";
import { jetstreamVolume } from "./jetstream-volume";
import { machineIds } from "./machine-ids";
import { natsQuorum } from "./nats-quorum";
import { natsTopology } from "./nats-topology";
import { network } from "./network";
import { nodeBudget } from "./node-budget";
import { operators } from "./operators";
import { probePaths } from "./probe-paths";
import { scalers } from "./scalers";
import { secretAccess } from "./secret-access";
import { secretEntries } from "./secret-entries";
import { secretReferences } from "./secret-references";
import { sharedMemory } from "./shared-memory";

export type { Check, Finding, Platform, Severity };
export { checkContext, whyNot };

/** Every rule, in the order in which findings of one severity are shown. */
export const CHECKS: readonly Check[] = [
  commandRouting,
  connectionBudgetCheck,
  machineIds,
  executionOwners,
  jetstreamVolume,
  natsQuorum,
  natsTopology,
  network,
  nodeBudget,
  scalers,
  sharedMemory,
  probePaths,
  secretReferences,
  operators,
  certificateNames,
  alertRoutes,
  certificates,
  alertsLeftOut,
  gcpRegions,
  gcpRanges,
  cloudSqlConnections,
  deletionProtection,
  secretAccess,
  secretEntries,
];

/** Runs every rule on a platform, as of a day. */
export function runChecks(platform: Platform, today?: string): Finding[] {
  const context = checkContext(platform, today);
  return checksOf(platform).flatMap((check) => check.run(context));
}

/** The rules that a platform is asked: those that have something to look at. */
export function checksOf({ config }: Pick<Platform, "config">): Check[] {
  return CHECKS.filter((check) => whyNot(check, config) === undefined);
}

/** How many findings there are of a severity, but for those that are waived. */
export function countOf(findings: Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity && !finding.waived).length;
}
