import { itemKey, label, type FieldChange } from "../../../preview/field-changes";
import type { Json } from "../../../preview/graph";
import { stepsOf } from "../../../preview/impact/paths";
import { isObject } from "../../../preview/json";

/** An object with changes of fields made: what shows that the changes are the whole difference. */
export function patched(inputs: Record<string, Json>, changes: readonly FieldChange[]): Record<string, Json> {
  const copy = structuredClone(inputs);
  const stays = changes.filter(({ after }) => after !== undefined);
  const goes = changes.filter(({ after }) => after === undefined);
  // Last what goes, and from the back, so that items of a list that have no name keep their number.
  for (const change of [...stays, ...goes.reverse()]) {
    if (change.path.startsWith("(") || isSecretPrint(change)) continue;
    if (change.path.endsWith(" (order)")) reorder(copy, change);
    else patch(copy, stepsOf(change.path), change.after);
  }
  return copy;
}

/** A fingerprint stands beside the inputs, which hide the value on both sides. */
function isSecretPrint({ before }: FieldChange): boolean {
  return typeof before === "string" && /^<secret [0-9a-f]+>$/.test(before);
}

function patch(place: Json, [step = "", ...rest]: string[], after: Json | undefined): void {
  if (Array.isArray(place)) {
    const index = indexOf(place, step);
    if (rest.length > 0) patch(place[index] ?? null, rest, after);
    else if (after === undefined) place.splice(index, 1);
    else if (index >= 0) place[index] = after;
    else place.push(after);
  } else if (isObject(place)) {
    if (rest.length > 0) patch(place[step] ?? null, rest, after);
    else if (after === undefined) Reflect.deleteProperty(place, step);
    else place[step] = after;
  }
}

/** The item of that name, or of that number. */
function indexOf(items: Json[], step: string): number {
  const key = itemKey(items);
  const named = items.findIndex((item) => key !== undefined && label(item, key) === step);
  return named >= 0 || !/^\d+$/.test(step) ? named : Number(step) < items.length ? Number(step) : -1;
}

function reorder(inputs: Json, { path, after }: FieldChange): void {
  let place: Json | undefined = inputs;
  for (const step of stepsOf(path)) {
    place = Array.isArray(place) ? place[indexOf(place, step)] : isObject(place) ? place[step] : undefined;
  }
  if (!Array.isArray(place) || !Array.isArray(after)) return;
  const items = place;
  const order = after.map(String);
  const key = itemKey(items);
  const rank = (item: Json): number => order.indexOf(label(item, key) ?? "");
  items.sort((one, other) => rank(one) - rank(other));
}
