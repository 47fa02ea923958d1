/** A half-open range of versions, such as `{ from: "3.6.0", below: "4.0.0" }`. */
export interface VersionRange {
  from: string;
  below: string;
}

/** @returns the first `major.minor.patch` in a text, without what follows it; undefined when there is none */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}

/** @returns whether a `major.minor.patch` version lies in a range */
export function isGood(version: string, { from, below }: VersionRange): boolean {
  return compareVersions(version, from) >= 0 && compareVersions(version, below) < 0;
}

/** Orders `major.minor.patch` versions by their numbers. @returns below zero when `a` is the older one */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
