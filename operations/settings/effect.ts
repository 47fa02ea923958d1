import { formatDiff } from "../../preview/diff/format-text";
import type { Style } from "../../preview/style";
import type { PlannedEdit } from "./plan";

/** What an update does after an edit, as `noetl-ops diff` says it. Errors of the edit are left to who shows them. */
export function formatEffect({ diff, errors }: Pick<PlannedEdit, "diff" | "errors">, paint: Style): string {
  if (!diff) return "the file was not valid before, so there is nothing to compare\n";
  const { report } = diff;
  if (!report) return formatDiff([diff], paint);
  const isShown = (rule: string, resource: string): boolean =>
    errors.some((error) => error.rule === rule && error.resource === resource);
  const findings = report.findings.filter(({ rule, resource }) => !isShown(rule, resource));
  return formatDiff([{ ...diff, report: { ...report, findings } }], paint);
}
