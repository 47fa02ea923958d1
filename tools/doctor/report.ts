import type { Finding } from "./findings";

/** Whether `npm start` and `npm test` can run. */
export function isReady(found: readonly Finding[]): boolean {
  return found.every(({ needed, state }) => !needed || state !== "missing");
}

const SIGNS = { ok: "✓", low: "!", missing: "✗" };
const COLOURS = { ok: 32, low: 33, missing: 31 };

/** A line for each finding; below it what it is for and how to get it, where it is not there. */
export function reportText(found: readonly Finding[], colours: boolean): string {
  const width = Math.max(...found.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const lines = found.flatMap((finding) => {
    const { state, name } = finding;
    const sign = colours ? `\u001b[${COLOURS[state]}m${SIGNS[state]}\u001b[0m` : SIGNS[state];
    const first = `${sign} ${name.padEnd(width)}  ${finding.found}`;
    return finding.next === undefined ? [first] : [first, `${indent}for ${finding.for}`, `${indent}→ ${finding.next}`];
  });
  return [...lines, "", `npm start and npm test: ${isReady(found) ? "ready" : "not ready, see above"}`, ""].join("\n");
}
