import { isObject, plain, type Value, type Values } from "./values";

/** One property that changed. */
export interface Change {
  /** As Pulumi writes it: `spec.containers[0].image`, `metadata.labels["a.b/c"]`. */
  path: string;
  kind: "add" | "delete" | "update";
}

/** @returns what must change to get from one set of properties to another; whether a value is secret is no change */
export function changesOf(old: Values, now: Values): Change[] {
  return changesAt("", plain(old), plain(now));
}

function changesAt(path: string, old: Value | undefined, now: Value | undefined): Change[] {
  if (old === undefined) return now === undefined ? [] : [{ path, kind: "add" }];
  if (now === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    return now.length > old.length
      ? now.flatMap((item, index) => changesAt(`${path}[${index}]`, old[index], item))
      : old.flatMap((item, index) => changesAt(`${path}[${index}]`, item, now[index]));
  }
  if (isObject(old) && isObject(now)) {
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
    return names.flatMap((name) => changesAt(join(path, name), old[name], now[name]));
  }
  return Object.is(old, now) ? [] : [{ path, kind: "update" }];
}

function join(path: string, name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

/** @returns whether a path is one of `roots`, or lies below one of them */
export function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`));
}
