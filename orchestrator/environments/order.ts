import { submissionOrder } from "../tasks/dependencies";
import { Refusal } from "../tasks/errors";
import { EnvironmentError } from "./errors";

/**
 * Nodes in waves: each wave starts once the one before is healthy.
 *
 * @param place Where the nodes stand, for messages.
 * @throws EnvironmentError for a circle, a name that two have, and a node that there is not
 */
export function orderOf<T extends { name: string; depends_on: readonly string[] }>(
  nodes: readonly T[],
  place: string,
): T[][] {
  const names = nodes.map(({ name }) => name);
  nodes.forEach(({ name, depends_on: dependsOn }, at) => {
    if (names.indexOf(name) !== at) {
      throw new EnvironmentError("topology-invalid", `${place}[${at}].name: two nodes are called ${name}`, place);
    }
    for (const other of dependsOn) {
      if (names.includes(other)) continue;
      const message = `${place}[${at}].depends_on: there is no node ${other}; there are ${names.join(", ")}`;
      throw new EnvironmentError("topology-invalid", message, place);
    }
  });
  const level = new Map<string, number>();
  for (const at of ordered(nodes, place)) {
    const one = nodes[at];
    if (one) level.set(one.name, Math.max(0, ...one.depends_on.map((other) => (level.get(other) ?? 0) + 1)));
  }
  const waves: T[][] = [];
  for (const one of nodes) (waves[level.get(one.name) ?? 0] ??= []).push(one);
  return waves;
}

function ordered(nodes: readonly { name: string; depends_on: readonly string[] }[], place: string): number[] {
  try {
    return submissionOrder(nodes.map(({ name, depends_on: dependsOn }) => ({ ref: name, dependsOn })));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { circle = "" } = error.details;
    const message = `${place}: depends_on ${circle} goes round in a circle; take one of them out`;
    throw new EnvironmentError("topology-invalid", message, place);
  }
}
