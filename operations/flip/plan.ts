import { difference } from "../../preview/difference";
import { loadRender, loadStackFile } from "../../preview/lazy";
import { renderedFiles, type RenderedFiles } from "../../preview/manifests";
import { restartsOf, type Restarts } from "../../preview/restarts";
import { type Edit, editStackText } from "../../stacks/config/edit";

/** An edit of a stack file that has not been written yet. */
export interface PlannedEdit {
  /** The file's text afterwards. */
  text: string;
  /** What an update does then. */
  restarts: Restarts;
}

/**
 * Edits a stack file in memory, checks the result as a whole, and tells what an update would do to pods.
 *
 * @throws ConfigError when the file would not be valid afterwards
 */
export async function planEdit(file: string, text: string, edits: readonly Edit[]): Promise<PlannedEdit> {
  const after = editStackText(text, file, edits);
  const changes = await difference(await renderOf(text, file), await renderOf(after, file));
  return { text: after, restarts: restartsOf(changes) };
}

async function renderOf(text: string, file: string): Promise<RenderedFiles> {
  return renderedFiles(await loadRender().renderStack(loadStackFile().parseStackFile(text, file)));
}
