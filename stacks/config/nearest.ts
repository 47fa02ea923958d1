import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant: differs in case only, or in few letters for its length. */
export function nearest(wanted: string, candidates: readonly string[]): string | undefined {
  const text = wanted.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(text, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(Math.max(candidate.length, text.length) / 3)))
    .sort((one, other) => one.edits - other.edits);
  return ranked[0]?.candidate;
}

/** Letters to insert, remove or replace; two neighbours swapped count as one. */
function edits(one: string, other: string): number {
  const count = distance(one, other);
  return count === 2 && letters(one) === letters(other) ? 1 : count;
}

function letters(text: string): string {
  return Array.from(text).sort().join("");
}
