import type { Json } from "../../preview/graph";
import { isObject } from "../../preview/json";
import { entryOf, same } from "./objects";

/** The places at which two values differ: `spec.template.spec.containers[0].env`. Values are never told. */
export function differences(before: Json | undefined, now: Json | undefined, path = ""): string[] {
  if (same(before, now)) return [];
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return keys.flatMap((key) =>
      differences(entryOf(before, key), entryOf(now, key), path === "" ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length)
    return before.flatMap((item, index) => differences(item, now[index], `${path}[${index}]`));
  return [path];
}
