import type { Json } from "./graph";
import { isObject } from "./json";

/** Where an item stands in two lists; on a side that lacks it, undefined. */
export interface Match {
  before?: number;
  after?: number;
}

/**
 * Which item of one list is which of another, where nothing names them: equal ones first, in their order as far as
 * possible, then the most similar. In the order of the second list, then what only the first one has.
 */
export function matchItems(before: readonly Json[], after: readonly Json[]): Match[] {
  const [old, now] = [before.map(textOf), after.map(textOf)];
  const partner = new Map<number, number>();
  const pair = (one: number, other: number): unknown => partner.set(other, one);
  for (const [one, other] of inOrder(old, now)) pair(one, other);
  const left = (): { old: number[]; now: number[] } => {
    const taken = new Set(partner.values());
    return {
      old: [...old.keys()].filter((index) => !taken.has(index)),
      now: [...now.keys()].filter((index) => !partner.has(index)),
    };
  };
  for (const other of left().now) {
    const one = left().old.find((index) => old[index] === now[other]);
    if (one !== undefined) pair(one, other);
  }
  const rest = left();
  const gone = new Set<number>();
  for (const [one, other] of bySimilarity(before, after, rest)) {
    if (gone.has(one) || partner.has(other)) continue;
    gone.add(one);
    pair(one, other);
  }
  const matched = now.map((_, index): Match => {
    const one = partner.get(index);
    return { ...(one !== undefined && { before: one }), after: index };
  });
  return [...matched, ...left().old.map((index): Match => ({ before: index }))];
}

/** Comparisons of items by their content; where there would be more, the order alone decides. */
const MOST_COMPARISONS = 10_000;

/** Pairs of equal items that keep their order, as many as there can be. */
function inOrder(old: readonly string[], now: readonly string[]): [number, number][] {
  const pairs: [number, number][] = [];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) pairs.push([start, start++]);
  let [oldEnd, nowEnd] = [old.length, now.length];
  while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) pairs.push([--oldEnd, --nowEnd]);

  // Lengths of the longest common rows of what lies in between, from each place on.
  const width = nowEnd - start + 1;
  const lengths = new Array<number>((oldEnd - start + 1) * width).fill(0);
  const lengthAt = (one: number, other: number): number => lengths[(one - start) * width + other - start] ?? 0;
  for (let one = oldEnd - 1; one >= start; one--) {
    for (let other = nowEnd - 1; other >= start; other--) {
      lengths[(one - start) * width + other - start] =
        old[one] === now[other]
          ? lengthAt(one + 1, other + 1) + 1
          : Math.max(lengthAt(one + 1, other), lengthAt(one, other + 1));
    }
  }
  for (let [one, other] = [start, start]; one < oldEnd && other < nowEnd;) {
    if (old[one] === now[other]) pairs.push([one++, other++]);
    else if (lengthAt(one + 1, other) >= lengthAt(one, other + 1)) one++;
    else other++;
  }
  return pairs;
}

/** Pairs of items that have something in common, the most similar first; of equally similar ones, those that stand nearest. */
function bySimilarity(
  before: readonly Json[],
  after: readonly Json[],
  left: { old: readonly number[]; now: readonly number[] },
): [number, number][] {
  if (left.old.length * left.now.length > MOST_COMPARISONS) {
    return left.old.slice(0, left.now.length).map((one, index) => [one, left.now[index] ?? 0]);
  }
  const [old, now] = [
    left.old.map((index) => ({ index, leaves: leavesOf(before[index] ?? null) })),
    left.now.map((index) => ({ index, leaves: leavesOf(after[index] ?? null) })),
  ];
  return old
    .flatMap((one) =>
      now.map((other) => ({ one: one.index, other: other.index, score: similarity(one.leaves, other.leaves) })),
    )
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) =>
        b.score - a.score ||
        Math.abs(a.one - a.other) - Math.abs(b.one - b.other) ||
        a.one + a.other - (b.one + b.other),
    )
    .map(({ one, other }) => [one, other]);
}

/** Values below an item with their paths, in which all items of a list are alike; each as often as it is there. */
type Leaves = readonly { path: string; value: string }[];

function leavesOf(item: Json, path = ""): Leaves {
  if (Array.isArray(item)) return item.flatMap((child) => leavesOf(child, `${path}[]`));
  if (isObject(item)) return Object.entries(item).flatMap(([key, child]) => leavesOf(child, `${path}.${key}`));
  return [{ path, value: JSON.stringify(item) }];
}

/** From 0, nothing in common, to 1; a field that both have counts half as much as one with the same value. */
function similarity(one: Leaves, other: Leaves): number {
  const all = one.length + other.length;
  if (all === 0) return 1;
  const values = common(one.map(whole), other.map(whole));
  const fields = common(
    one.map(({ path }) => path),
    other.map(({ path }) => path),
  );
  return (values + fields) / all;
}

const whole = ({ path, value }: Leaves[number]): string => `${path}=${value}`;

/** How many texts two lists have in common. */
function common(one: readonly string[], other: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const text of one) counts.set(text, (counts.get(text) ?? 0) + 1);
  return other.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count > 0;
  }).length;
}

/** The same text for values that mean the same: the order of keys tells nothing. */
function textOf(value: Json): string {
  return JSON.stringify(value, (_key, item: Json) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))) : item,
  );
}
