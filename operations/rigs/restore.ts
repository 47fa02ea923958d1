import type { Json } from "../../preview/graph";
import { isObject, type JsonObject } from "../../preview/json";
import { entryOf, same } from "./objects";

/**
 * Takes one change back, and keeps what others have changed since: a platform is not frozen while a rig runs.
 *
 * @param before as it was before the change
 * @param after as the change left it
 * @param now as it is
 * @returns as it must be; when nobody else has changed anything, `before`
 */
export function takenBack(before: JsonObject, after: JsonObject, now: JsonObject): JsonObject {
  const entries = [...new Set([...Object.keys(now), ...Object.keys(before)])].map((key) => [
    key,
    valueTakenBack(entryOf(before, key), entryOf(after, key), entryOf(now, key)),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}

function valueTakenBack(before: Json | undefined, after: Json | undefined, now: Json | undefined): Json | undefined {
  if (same(before, after)) return now;
  if (same(after, now)) return before;
  if (isObject(before) && isObject(after) && isObject(now)) return takenBack(before, after, now);
  if (Array.isArray(before) && Array.isArray(after) && Array.isArray(now)) return listTakenBack(before, after, now);
  return before;
}

/** Containers, variables and volumes are known by their names; other lists are one value. */
function listTakenBack(before: Json[], after: Json[], now: Json[]): Json[] {
  const [was, left, is] = [byName(before), byName(after), byName(now)];
  if (!was || !left || !is) return before;
  const names = [...new Set([...was.keys(), ...is.keys()])];
  return names.flatMap((name) => valueTakenBack(was.get(name), left.get(name), is.get(name)) ?? []);
}

function byName(list: Json[]): Map<string, Json> | undefined {
  const named = list.flatMap((item) =>
    isObject(item) && typeof item.name === "string" ? [[item.name, item] as const] : [],
  );
  const found = new Map(named);
  return found.size === list.length ? found : undefined;
}
