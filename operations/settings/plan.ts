import { basename } from "node:path";
import { assess } from "../../preview/assess";
import type { Finding, Platform } from "../../preview/checks";
import { encryptedNotes, type StackDiff, waivedFindings } from "../../preview/diff/diff";
import { fingerprintKey } from "../../preview/fingerprints";
import { impactBetween } from "../../preview/impact";
import { platformOf } from "../../preview/load-platform";
import { renderedFiles } from "../../preview/manifests";
import { type Edit, editStackText } from "../../stacks/config/edit";
import { ConfigError } from "../../stacks/config/problem";

/** An edit of a stack file that has not been written yet. */
export interface PlannedEdit {
  /** The file's text afterwards. */
  text: string;
  /** What an update does then; undefined where the file was not valid before, so that there is nothing to compare. */
  diff: StackDiff | undefined;
  /** Errors that only the edit brings. */
  errors: Finding[];
}

/**
 * Edits a stack file in memory, checks the result as a whole, and tells what an update would do then.
 *
 * @param today The day, as `2026-11-21`.
 * @throws ConfigError when the file would not be valid afterwards
 */
export async function planEdit(
  file: string,
  text: string,
  edits: readonly Edit[],
  today: string,
): Promise<PlannedEdit> {
  const after = editStackText(text, file, edits);
  const secretKey = fingerprintKey();
  const before = await formerPlatform(text, file, secretKey);
  const now = await platformOf(file, after, { secretKey, former: before && text });
  const former = before && { today, former: renderedFiles(before.graph) };
  const known = before ? (await assess(before, { today })).map(identity) : [];
  const errors = (await assess(now, former ?? { today })).filter(
    (finding) => finding.severity === "error" && !finding.waived && !known.includes(identity(finding)),
  );
  return { text: after, diff: before && diffOf(before, now, { file, text, after, today }), errors };
}

function diffOf(
  before: Platform,
  now: Platform,
  { file, text, after, today }: Record<"file" | "text" | "after" | "today", string>,
): StackDiff {
  const { stack } = now.graph;
  const report = impactBetween(before.graph, now.graph, { stack, before: basename(file), after: "with the edit" });
  return {
    stack,
    notes: encryptedNotes(text, after, stack),
    report: { ...report, findings: waivedFindings(report, now.config, today) },
  };
}

/** A file with mistakes has no render, and an edit may be what mends it. */
async function formerPlatform(text: string, file: string, secretKey: Buffer): Promise<Platform | undefined> {
  try {
    return await platformOf(file, text, { secretKey });
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function identity({ rule, resource }: Finding): string {
  return `${rule} ${resource}`;
}
