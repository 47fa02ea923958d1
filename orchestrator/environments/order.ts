import { submissionOrder } from "../tasks/dependencies";
import { Refusal } from "../tasks/errors";
import { EnvironmentError } from "./errors";

/** What of a node decides when it starts. */
interface Ordered {
  name: string;
  depends_on: readonly string[];
}

/** What is wrong with an order, and with which node. */
export interface OrderProblem {
  at: number;
  key: "name" | "depends_on";
  message: string;
}

/** The first of: a name that two have, a node that there is not, a circle. */
export function orderProblem(nodes: readonly Ordered[]): OrderProblem | undefined {
  const names = nodes.map(({ name }) => name);
  for (const [at, { name, depends_on: dependsOn }] of nodes.entries()) {
    if (names.indexOf(name) !== at) return { at, key: "name", message: `two nodes are called ${name}` };
    const other = dependsOn.find((one) => !names.includes(one));
    if (other === undefined) continue;
    return { at, key: "depends_on", message: `there is no node ${other}; there are ${names.join(", ")}` };
  }
  try {
    ordered(nodes);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { circle = "" } = error.details;
    const at = Math.max(0, names.indexOf(String(circle).split(" ")[0] ?? ""));
    return { at, key: "depends_on", message: `${circle} goes round in a circle; take one of them out` };
  }
}

/**
 * Nodes in waves: each wave starts once the one before is healthy.
 *
 * @param place Where the nodes stand, for messages.
 * @throws EnvironmentError for what is wrong with their order
 */
export function orderOf<T extends Ordered>(nodes: readonly T[], place: string): T[][] {
  const problem = orderProblem(nodes);
  if (problem) {
    const field = `${place}[${problem.at}].${problem.key}`;
    throw new EnvironmentError("topology-invalid", `${field}: ${problem.message}`, field);
  }
  const level = new Map<string, number>();
  for (const at of ordered(nodes)) {
    const one = nodes[at];
    if (one) level.set(one.name, Math.max(0, ...one.depends_on.map((other) => (level.get(other) ?? 0) + 1)));
  }
  const waves: T[][] = [];
  for (const one of nodes) (waves[level.get(one.name) ?? 0] ??= []).push(one);
  return waves;
}

/** @throws Refusal for a circle */
function ordered(nodes: readonly Ordered[]): number[] {
  return submissionOrder(nodes.map(({ name, depends_on: dependsOn }) => ({ ref: name, dependsOn })));
}
