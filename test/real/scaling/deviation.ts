import type { Count } from "./recorder";

/** How far two courses of a number of pods are apart. */
export interface Deviation {
  /** Numbers in their order, each once while it holds. */
  real: number[];
  simulated: number[];
  /** How many numbers are in one order and not in the other. */
  steps: number;
  /** Pods that they differ by, on average over time. */
  pods: number;
}

/** Compares two courses from 0 to `end` seconds. */
export function deviation(real: readonly Count[], simulated: readonly Count[], end: number): Deviation {
  const [one, other] = [real, simulated].map((counts) => counts.map(({ replicas }) => replicas)) as [
    number[],
    number[],
  ];
  const step = 0.1;
  let sum = 0;
  for (let time = 0; time < end; time += step) sum += Math.abs(at(real, time) - at(simulated, time)) * step;
  return { real: one, simulated: other, steps: one.length + other.length - 2 * common(one, other), pods: sum / end };
}

function at(counts: readonly Count[], time: number): number {
  return counts.findLast((count) => count.time <= time)?.replicas ?? counts[0]?.replicas ?? 0;
}

/** Length of the longest common subsequence. */
function common(one: readonly number[], other: readonly number[]): number {
  let row = other.map(() => 0);
  for (const number of one) {
    const next: number[] = [];
    other.forEach((candidate, index) => {
      const [left, above, both] = [next[index - 1] ?? 0, row[index] ?? 0, row[index - 1] ?? 0];
      next.push(candidate === number ? both + 1 : Math.max(left, above));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}
