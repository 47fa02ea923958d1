import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../stacks/errors";
import type { Resource, ResourceGraph } from "../graph";
import { isRendered } from "../manifests";
import { editsBetween, grouped, settingsOf, settingsText, withEdits, type EditGroup } from "./edits";
import type { SideStack } from "./sides";

/** Stands among the edits of a resource that the program itself makes otherwise than before. */
const PROGRAM_EDIT = "program";

/** Resources that may be rendered to find out, in all; a stack that has more is rendered once. */
const MOST_RESOURCES = 2500;

/** Which edits change a resource, by URN. What nobody can tell is not in it. */
export type Attribution = ReadonlyMap<string, readonly string[]>;

/**
 * Finds out which settings change which resources, by rendering the stack with one of them as it was before, and looking
 * which resources move. Many edits are tried in groups, by the beginnings of their keys.
 *
 * @returns undefined when the sides were not both rendered from stack files
 */
export async function attribute(before: SideStack, after: SideStack): Promise<Attribution | undefined> {
  if (!before.from || !after.from) return undefined;
  const { program, former } = after.from;
  const { stack } = after.graph;
  const old = settingsOf(before.from.text, stack);
  const now = settingsOf(after.from.text, stack);
  const edits = editsBetween(old, now);
  const found = new Map<string, string[]>();
  const add = (key: string, urns: Iterable<string>): void => {
    for (const urn of urns) found.set(urn, [...(found.get(urn) ?? []), key]);
  };

  const isSameProgram = before.from.program === program;
  const between = isSameProgram ? before.graph : await render(before.from.text);
  if (between && !isSameProgram) add(PROGRAM_EDIT, moved(before.graph, between));
  const all = new Set(between ? moved(between, after.graph) : []);
  const groups = grouped(edits, mostRenders(after.graph));
  const [only] = groups;
  if (only && groups.length === 1) add(only.key, all);
  else {
    for (const group of groups) {
      add(group.key, await movedBy(group));
    }
  }
  return found;

  async function movedBy({ edits: own }: EditGroup): Promise<Iterable<string>> {
    const without = await render(settingsText(withEdits(now, own, "before")));
    if (without) return moved(without, after.graph);
    // It makes no sense without the others; with it alone it may.
    const alone = await render(settingsText(withEdits(old, own, "after")));
    return alone && between ? moved(between, alone) : [];
  }

  async function render(text: string): Promise<ResourceGraph | undefined> {
    try {
      return (await program.render({ stack, text, former })).graph;
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }
}

function mostRenders({ resources }: ResourceGraph): number {
  return Math.max(1, Math.floor(MOST_RESOURCES / Math.max(1, resources.length)));
}

/** URNs of the resources that are on one side only, or differ. */
function moved(before: ResourceGraph, after: ResourceGraph): Set<string> {
  const content = ({ inputs, fingerprints }: Resource): unknown => [inputs, fingerprints];
  const old = new Map(before.resources.filter(isRendered).map((resource) => [resource.urn, content(resource)]));
  const urns = new Set<string>();
  for (const resource of after.resources.filter(isRendered)) {
    if (!isDeepStrictEqual(old.get(resource.urn), content(resource))) urns.add(resource.urn);
    old.delete(resource.urn);
  }
  return new Set([...urns, ...old.keys()]);
}
