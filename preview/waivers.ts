import { nearest } from "../stacks/config/nearest";
import type { WaiverConfig } from "../stacks/schema";
import { resourceTitle, type Finding } from "./checks/check";

/** Rule of findings about waivers themselves, which nothing waives. */
const WAIVERS = "waivers";

/** What waivers are judged by. */
export interface Judgement {
  /** The day, as `2026-11-21`. */
  today: string;
  /** Rules that were asked. A waiver for another one may have a use elsewhere. */
  asked: readonly string[];
  /** Every rule there is. */
  known: readonly string[];
}

/**
 * Marks errors and warnings that the stack file accepts, and adds a warning for each waiver that has expired or has no
 * use.
 */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly WaiverConfig[],
  { today, asked, known }: Judgement,
): Finding[] {
  const valid = waivers.filter(({ until }) => until >= today);
  const judged = findings.map((finding): Finding => {
    const waiver = finding.severity === "info" ? undefined : valid.find((candidate) => waives(candidate, finding));
    return waiver ? { ...finding, waived: { reason: waiver.reason, until: waiver.until } } : finding;
  });
  const own = waivers.flatMap((waiver, index) => {
    const warn = (message: string, fix: string): Finding[] => [
      { severity: "warning", rule: WAIVERS, resource: `noetl:waivers[${index}]`, message, fix },
    ];
    if (waiver.until < today) {
      return warn(
        `the waiver of ${text(waiver)} ended on ${waiver.until} (${waiver.reason})`,
        "mend what it waived and remove it, or give it a new date and a reason that still holds",
      );
    }
    if (!known.includes(waiver.rule)) {
      const meant = nearest(waiver.rule, known);
      return warn(`there is no rule ${waiver.rule}`, meant === undefined ? "remove it" : `did you mean ${meant}?`);
    }
    if (!asked.includes(waiver.rule) || findings.some((finding) => waives(waiver, finding))) return [];
    return warn(`nothing is found that ${text(waiver)} would waive`, "remove it");
  });
  return [...judged, ...own];
}

function waives({ rule, resource }: WaiverConfig, finding: Finding): boolean {
  if (finding.severity === "info" || finding.rule !== rule) return false;
  return resource === undefined || resource === finding.resource || resource === resourceTitle(finding.resource);
}

function text({ rule, resource }: WaiverConfig): string {
  return resource === undefined ? rule : `${rule} for ${resource}`;
}
