import { QUICK_TOOL_NAMES } from "../../../tools/catalog";
import { ensureTool } from "../../../tools/find";

/**
 * Builds the tools before the first suite: with an empty cache that takes longer than a suite may. What cannot be built
 * is no failure here; the suites that need it name it and say why.
 */
export default async function buildTools(): Promise<void> {
  for (const name of QUICK_TOOL_NAMES) await ensureTool(name);
}
