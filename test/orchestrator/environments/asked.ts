import { readCatalog } from "../../../orchestrator/environments/catalog";
import { planOf, type EnvironmentPlan } from "../../../orchestrator/environments/plan";
import { createBody } from "../../../orchestrator/environments/schema";

/** The plan of a request, with the catalog that is shipped. */
export function planned(config: Record<string, unknown>, images: Record<string, string> = {}): EnvironmentPlan {
  return planOf(createBody.parse({ config, images }), readCatalog());
}

/** A topology of nodes that run redis. */
export function redisNodes(nodes: Record<string, unknown>[]): Record<string, unknown> {
  return { type: "cluster_topology", topology: { nodes: nodes.map((node) => ({ taskservs: ["redis"], ...node })) } };
}

/** The message of what is thrown. */
export function messageOf(throwing: () => unknown): string {
  try {
    throwing();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
