import { impactBetween, type ImpactReport } from "../../preview/impact";
import type { ResourceGraph } from "../../preview/graph";
import { loadRender } from "../../preview/lazy";
import { editStackText } from "../../stacks/config/edit";
import { parseStackFile } from "../../stacks/config/stack-file";
import type { Change } from "./plan";

/**
 * What Kubernetes does once the images stand in the stack file and the stack is updated; nothing when they stand there
 * already.
 *
 * @param text of the stack file
 * @throws ConfigError when the file would not be valid
 */
export async function impactOfBump(file: string, text: string, changes: readonly Change[]): Promise<ImpactReport> {
  const edits = changes
    .filter(({ action }) => action === "set" || action === "align")
    .map(({ component: { path }, image }) => ({ kind: "set" as const, path, value: image }));
  const before = await render(file, text);
  const after = await render(file, editStackText(text, file, edits));
  return impactBetween(before, after, { stack: before.stack, before: file, after: `${file} with the images` });
}

async function render(file: string, text: string): Promise<ResourceGraph> {
  return loadRender().renderStack(parseStackFile(text, file));
}
