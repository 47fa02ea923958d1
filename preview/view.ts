import { assess } from "./assess";
import type { Finding, Platform } from "./checks";
import { difference, type Difference } from "./difference";
import type { ResourceGraph } from "./graph";
import { renderedFiles, type RenderedFiles } from "./manifests";
import { totalsOf, type Totals } from "./totals";

/** Everything a preview shows of a stack. */
export interface View {
  graph: ResourceGraph;
  /** `kind` or `gke`. */
  profile: string;
  totals: Totals;
  findings: Finding[];
  comparison: Comparison;
}

/** How a stack differs from its committed render, or why nobody compared. */
export type Comparison =
  | { kind: "compared"; with: string; difference: Difference }
  /** There is no render to compare with. */
  | { kind: "missing"; with: string }
  /** Nobody asked. */
  | { kind: "off" };

/** What to compare with: the folder's name for people, and its files when it exists. */
export interface Rendered {
  name: string;
  files: RenderedFiles | undefined;
}

/**
 * Puts together what a preview shows.
 *
 * @param today The day, as `2026-11-21`.
 * @param rendered The committed render; undefined leaves the comparison out.
 * @throws UserError when two resources would be the same object in the cluster.
 */
export async function viewOf(platform: Platform, today: string, rendered?: Rendered): Promise<View> {
  const { graph, config } = platform;
  return {
    graph,
    profile: config.profile,
    totals: totalsOf(graph),
    findings: await assess(platform, { today, former: rendered?.files }),
    comparison: await compared(graph, rendered),
  };
}

async function compared(graph: ResourceGraph, rendered: Rendered | undefined): Promise<Comparison> {
  if (!rendered) return { kind: "off" };
  const { name, files } = rendered;
  if (!files) return { kind: "missing", with: name };
  return { kind: "compared", with: name, difference: await difference(files, renderedFiles(graph)) };
}
