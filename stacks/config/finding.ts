import { entryAt, type Entry, type Position } from "./entry";
import { formatPath, type Path } from "./path";
import type { ConfigProblem } from "./problem";

/** A problem before it is known where the setting stands. */
export interface Finding extends Pick<ConfigProblem, "message" | "allowed" | "suggestion" | "next"> {
  path: Path;
  /** Whether the key is wrong rather than its value. */
  onKey?: boolean;
  /** Whether a required setting is not written at all. */
  isMissing?: boolean;
  /** Another setting that the message is about; its line is added where there is one. */
  see?: Path;
}

/** Adds the place: of the key or value that is wrong, or of the nearest key above one that is not written. */
export function locate({ path, onKey, isMissing: _, see, ...problem }: Finding, root: Entry): ConfigProblem {
  const position = positionOf(root, path, onKey ?? false);
  const message = `${problem.message}${see ? remark(root, see, position) : ""}`;
  return { path: formatPath(path), ...position, ...problem, message };
}

/** Tells where the other setting of a message stands, when it is not on the same line. */
function remark(root: Entry, path: Path, position: Position | undefined): string {
  const entry = entryAt(root, path);
  if (!entry) return " (the default)";
  const { line } = entry.at ?? entry.key ?? {};
  return line === undefined || line === position?.line ? "" : ` (line ${line})`;
}

function positionOf(root: Entry, path: Path, onKey: boolean): Position | undefined {
  const entry = entryAt(root, path);
  if (entry) {
    const isEmpty = entry.kind === "scalar" && entry.text === "" && !entry.quoted;
    return onKey || isEmpty ? (entry.key ?? entry.at) : (entry.at ?? entry.key);
  }
  const parent = path.slice(0, -1);
  if (path.length === 0) return root.key;
  return positionOf(root, parent, true) ?? root.key;
}

/**
 * The findings that name a cause. The first at a place tells it, later ones at or below are consequences; and a setting
 * whose key is misspelt is not missing besides.
 */
export function causes(findings: readonly Finding[]): Finding[] {
  const meant = new Set(
    findings.flatMap(({ path, onKey, suggestion }) => {
      if (!onKey || suggestion === undefined) return [];
      return [formatPath(path.length === 1 ? [suggestion] : [...path.slice(0, -1), suggestion])];
    }),
  );
  const told = new Set<string>();
  return findings.filter(({ path, isMissing }) => {
    if (isMissing && meant.has(formatPath(path))) return false;
    if (path.some((_, index) => told.has(formatPath(path.slice(0, index + 1))))) return false;
    told.add(formatPath(path));
    return true;
  });
}

/** Problems in the order of the file; those without a place last, in the order found. */
export function inFileOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const line = (problem: ConfigProblem) => problem.line ?? Infinity;
  return problems.toSorted((one, other) => {
    if (line(one) !== line(other)) return line(one) < line(other) ? -1 : 1;
    return (one.column ?? 0) - (other.column ?? 0);
  });
}
