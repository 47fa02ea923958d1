import type { Platform } from "../../preview/checks";
import { waivedFindings, type Names, type StackDiff } from "../../preview/diff/diff";
import { impactBetween } from "../../preview/impact";
import type { ClusterApi } from "../cluster/api";
import { driftOf } from "./drift";

/**
 * What an update would do to a live cluster, who changed what it would change, and what it would leave alone.
 *
 * @param today The day on which waivers are judged, as `2026-11-21`.
 * @throws UserError when the API server does not answer, or a right is missing
 */
export async function liveDiff(platform: Platform, api: ClusterApi, names: Names, today: string): Promise<StackDiff> {
  const { stack } = platform.graph;
  const { live, program, facts, notes } = await driftOf(platform, api);
  const report = impactBetween(live, program, { stack, ...names });
  return {
    stack,
    notes,
    live: facts,
    report: { ...report, findings: waivedFindings(report, platform.config, today) },
  };
}
