import { Refusal } from "./errors";

/** One of those submitted together: its name among them, and the names and ids that it depends on. */
export interface Node {
  ref?: string;
  dependsOn?: readonly string[];
}

/**
 * The order in which tasks that are submitted together come into line: each after those that it depends on, else as given.
 *
 * @returns positions in `nodes`
 * @throws Refusal `dependency-cycle` with the circle, `invalid` for a name that two have
 */
export function submissionOrder(nodes: readonly Node[]): number[] {
  const byRef = new Map<string, number>();
  nodes.forEach(({ ref }, position) => {
    if (ref === undefined) return;
    if (byRef.has(ref)) throw new Refusal("invalid", `ref ${ref}: two tasks have it; give each its own`, { ref });
    byRef.set(ref, position);
  });
  const order: number[] = [];
  const seen = new Set<number>();
  for (let start = 0; start < nodes.length; start++) {
    // Without recursion: a chain may be as long as the request allows.
    const path: { position: number; next: number }[] = [];
    const open = new Set<number>();
    const enter = (position: number) => {
      seen.add(position);
      open.add(position);
      path.push({ position, next: 0 });
    };
    if (!seen.has(start)) enter(start);
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const dependency = nodes[step.position]?.dependsOn?.[step.next++];
      if (dependency === undefined) {
        order.push(step.position);
        open.delete(step.position);
        path.pop();
        continue;
      }
      const position = byRef.get(dependency);
      if (position === undefined) continue;
      if (open.has(position)) throw cycle(nodes, path, position);
      if (!seen.has(position)) enter(position);
    }
  }
  return order;
}

function cycle(nodes: readonly Node[], path: readonly { position: number }[], back: number): Refusal {
  const from = path.findIndex(({ position }) => position === back);
  const circle = [...path.slice(from), { position: back }]
    .map(({ position }) => nodes[position]?.ref ?? "")
    .join(" → ");
  return new Refusal("dependency-cycle", `dependsOn: ${circle} goes round in a circle; take one of them out`, {
    circle,
  });
}
