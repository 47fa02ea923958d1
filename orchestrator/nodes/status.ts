import type { ApiContext, ClusterView } from "../api/context";
import { done } from "../api/route";
import { statusOf, type StatusSource } from "../api/status-server";
import type { NodeMetrics } from "./metrics";

/** What probes are told of a node: it is ready where it leads, or knows who does. */
export function nodeStatus({
  metrics,
  view,
  context,
}: {
  metrics: NodeMetrics;
  view: () => ClusterView;
  /** Of what it does as the leader. */
  context: () => ApiContext | undefined;
}): StatusSource {
  const own = () => {
    const leading = context();
    return leading && statusOf(leading);
  };
  return {
    contentType: metrics.registry.contentType,
    metrics: async () => own()?.metrics() ?? metrics.registry.metrics(),
    health: async () => own()?.health() ?? { ...done(view()), status: view().leader === null ? 503 : 200 },
    // A node that has lost its storage follows, and leads anew.
    broken: () => undefined,
    isReady: () => own()?.isReady() ?? view().leader !== null,
  };
}
