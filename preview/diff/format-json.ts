import type { StackDiff } from "./diff";
import { statsOf } from "./sections";

/** What `diff --json` prints; its shape is documented in docs/commands/diff.md, and fields are only ever added. */
export function diffJson(diffs: readonly StackDiff[]) {
  return {
    stacks: diffs.map(({ stack, report, notes, problem, live }) => {
      if (!report) return { stack, changed: null, problem: problem ?? "", notes };
      const [added, changed, removed] = statsOf(report).counts;
      return {
        changed: report.resources.length > 0,
        ...report,
        stack,
        notes,
        added,
        updated: changed,
        removed,
        ...(live && { live }),
      };
    }),
  };
}
