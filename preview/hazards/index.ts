import type { Finding } from "../checks";
import type { ResourceGraph } from "../graph";
import { formerRender } from "../rendered-graph";
import type { RenderedFiles } from "../manifests";
import { sideOf, type Hazard } from "./hazard";
import {
  clusterToStandalone,
  populatedJoin,
  quorumLost,
  serversRemoved,
  serversRenamed,
  standaloneToCluster,
} from "./nats-servers";
import { domainRemoved, jetstreamRemoved, storeLowered, storeMoved } from "./nats-stores";
import { authorityChanged, tlsBeginsOrEnds } from "./tls-modes";
import { rootDropped, rootUnknown } from "./tls-roots";
import { namespaceRemoved, statefulSetRemoved, volumeRemoved, volumeShrunk } from "./volumes";

export type { Hazard };

/** Every kind of change that destroys data, in the order in which they are shown. */
export const HAZARDS: readonly Hazard[] = [
  standaloneToCluster,
  clusterToStandalone,
  populatedJoin,
  quorumLost,
  serversRemoved,
  serversRenamed,
  storeLowered,
  storeMoved,
  jetstreamRemoved,
  domainRemoved,
  namespaceRemoved,
  statefulSetRemoved,
  volumeRemoved,
  volumeShrunk,
  rootDropped,
  rootUnknown,
  authorityChanged,
  tlsBeginsOrEnds,
];

/** Rule of findings about files of a render that cannot be read. */
export const UNREADABLE_RENDER = "unreadable-render";

/** What a change from one graph to the other would destroy; each an error with the safe way. */
export function hazardsBetween(before: ResourceGraph, after: ResourceGraph): Finding[] {
  const change = { before: sideOf(before), after: sideOf(after) };
  return HAZARDS.flatMap(({ id, why, safeWay, find }) =>
    find(change).map(({ resource, what, avoid }): Finding => ({
      severity: "error",
      rule: id,
      resource,
      message: `${what}: ${why}`,
      fix: `${avoid}; or go the safe way:`,
      steps: safeWay,
    })),
  );
}

/**
 * What the program would destroy of what is deployed, going by the render that was kept of it.
 *
 * @param files The render: of a folder, or of a revision.
 */
export async function hazardsSince(files: RenderedFiles, after: ResourceGraph): Promise<Finding[]> {
  const { graph, unreadable } = await formerRender(files, after);
  return [
    ...unreadable.map(({ path, reason }): Finding => ({
      severity: "error",
      rule: UNREADABLE_RENDER,
      resource: path,
      message: `the rendered file cannot be read (${reason}), so nobody can tell what a change of it destroys`,
      fix: "bring the file back as it was committed, for example with git checkout",
    })),
    ...hazardsBetween(graph, after),
  ];
}
