import { relative } from "node:path";

/** A path from the current folder when it lies below it, so that terminals and editors can open `file:line`. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
