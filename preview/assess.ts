import { CHECKS, checksOf, runChecks, type Finding, type Platform, type Severity } from "./checks";
import { HAZARDS, hazardsSince, UNREADABLE_RENDER } from "./hazards";
import type { RenderedFiles } from "./manifests";
import { POLICIES, runPolicies } from "./policies";
import { applyWaivers } from "./waivers";
import { withProfile } from "../stacks/profile";

/** What a platform is assessed by besides itself. */
export interface Circumstances {
  /** The day, as `2026-11-21`: waivers end, and so do certificates. */
  today: string;
  /** The render kept of what is deployed; without it, nobody asks what a change would destroy. */
  former?: RenderedFiles | undefined;
}

/** Rules about the change from the former render. */
const CHANGES: readonly string[] = [...HAZARDS.map(({ id }) => id), UNREADABLE_RENDER];

const SEVERITIES: Severity[] = ["error", "warning", "info"];

/**
 * Everything that is to be said of a platform: whether it holds together, keeps to the policies, and what
 * it would destroy of its former self.
 * Errors come first, then warnings, then information; what the stack file waives comes last.
 */
export async function assess(platform: Platform, { today, former }: Circumstances): Promise<Finding[]> {
  const hazards = former ? await hazardsSince(former, platform.graph) : [];
  const { graph, config } = platform;
  const policies = POLICIES.map(({ id }) => id);
  const findings = applyWaivers(
    [...hazards, ...runChecks(platform, today), ...runPolicies(graph, withProfile(config).traits.production)],
    config.waivers,
    {
      today,
      asked: [...checksOf(platform).map(({ id }) => id), ...policies, ...(former ? CHANGES : [])],
      known: [...CHANGES, ...CHECKS.map(({ id }) => id), ...policies],
    },
  );
  const open = findings.filter(({ waived }) => !waived);
  return [
    ...SEVERITIES.flatMap((severity) => open.filter((finding) => finding.severity === severity)),
    ...findings.filter(({ waived }) => waived),
  ];
}

/** Of these, what would be destroyed and nobody has accepted. */
export function dangersIn(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ rule, waived }) => CHANGES.includes(rule) && !waived);
}
