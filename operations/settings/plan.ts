import { assess } from "../../preview/assess";
import type { Finding, Platform } from "../../preview/checks";
import { difference, type Difference } from "../../preview/difference";
import { loadRender, loadStackFile } from "../../preview/lazy";
import { renderedFiles } from "../../preview/manifests";
import { restartsOf, type Restarts } from "../../preview/restarts";
import { type Edit, editStackText } from "../../stacks/config/edit";
import { ConfigError } from "../../stacks/config/problem";

/** An edit of a stack file that has not been written yet. */
export interface PlannedEdit {
  /** The file's text afterwards. */
  text: string;
  /** What it changes in the render; undefined where the file was not valid before, so that there was no render. */
  difference: Difference | undefined;
  /** What an update does then. */
  restarts: Restarts;
  /** Errors that only the edit brings. */
  errors: Finding[];
}

/**
 * Edits a stack file in memory, checks the result as a whole, and tells what an update would do to pods.
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
  const now = await platformOf(after, file);
  const before = await formerPlatform(text, file);
  const changes = before && (await difference(renderedFiles(before.graph), renderedFiles(now.graph)));
  const former = before && { today, former: renderedFiles(before.graph) };
  const known = before ? (await assess(before, { today })).map(identity) : [];
  const errors = (await assess(now, former ?? { today })).filter(
    (finding) => finding.severity === "error" && !finding.waived && !known.includes(identity(finding)),
  );
  return { text: after, difference: changes, restarts: restartsOf(changes ?? NOTHING), errors };
}

const NOTHING: Difference = { added: [], removed: [], changed: [], same: 0 };

/** A file with mistakes has no render, and an edit may be what mends it. */
async function formerPlatform(text: string, file: string): Promise<Platform | undefined> {
  try {
    return await platformOf(text, file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

async function platformOf(text: string, file: string): Promise<Platform> {
  const settings = loadStackFile().parseStackFile(text, file);
  return { graph: await loadRender().renderStack(settings), config: settings.config };
}

function identity({ rule, resource }: Finding): string {
  return `${rule} ${resource}`;
}
