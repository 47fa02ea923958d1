import { itemKey, label, type FieldChange } from "../../../preview/field-changes";
import type { Json } from "../../../preview/graph";
import { stepsOf } from "../../../preview/impact/paths";
import { isObject, type JsonObject } from "../../../preview/json";

/** A change of what lies so many steps below. */
interface Step extends Omit<FieldChange, "path"> {
  steps: string[];
  isOrder: boolean;
}

/** An object with changes of fields made: what shows that the changes are the whole difference. */
export function patched(inputs: JsonObject, changes: readonly FieldChange[]): JsonObject {
  const steps = changes
    .filter((change) => !change.path.startsWith("(") && !isSecretPrint(change))
    .map(({ path, ...sides }): Step => ({ ...sides, steps: stepsOf(path), isOrder: path.endsWith(" (order)") }));
  return made(inputs, steps) as JsonObject;
}

/** A fingerprint stands beside the inputs, which hide the value on both sides. */
function isSecretPrint({ before }: FieldChange): boolean {
  return typeof before === "string" && /^<secret [0-9a-f]+>$/.test(before);
}

function made(value: Json, changes: readonly Step[]): Json {
  if (changes.length === 0) return value;
  const own = changes.find(({ steps, isOrder }) => steps.length === 0 && !isOrder);
  if (own) return own.after ?? null;
  if (Array.isArray(value)) return madeList(value, changes);
  if (!isObject(value)) return value;
  const copy = { ...value };
  for (const [key, below] of byFirstStep(changes)) {
    if (below.some(isGoing)) Reflect.deleteProperty(copy, key);
    else copy[key] = made(copy[key] ?? null, below);
  }
  return copy;
}

function madeList(items: Json[], changes: readonly Step[]): Json[] {
  const order = changes.find(({ isOrder, steps }) => isOrder && steps.length === 0)?.after;
  const below = byFirstStep(changes);
  const all = [...below];
  const coming = all.flatMap(([step, some]) =>
    some.filter(isComing).map((change) => ({ step, item: change.after ?? null })),
  );
  if (items.length === 0) return coming.map(({ item }) => item);
  if (all.length === items.length && all.every(([, some]) => some.every(isGoing))) return [];
  const key = itemKey(items);
  const names = items.map((item) => label(item, key) ?? "");
  const isNamed = all.every(([step]) => {
    const come = coming.find((one) => one.step === step);
    return key !== undefined && (come ? label(come.item, key) === step : names.includes(step));
  });
  return isNamed ? madeNamed(items, names, below, order) : madePlain(items, below, order);
}

function madeNamed(items: Json[], names: string[], below: Map<string, Step[]>, order: Json | undefined): Json[] {
  const kept = new Map(names.map((name, index) => [name, items[index] ?? null]));
  for (const [name, changes] of below) {
    if (changes.some(isGoing)) kept.delete(name);
    else kept.set(name, made(kept.get(name) ?? null, changes));
  }
  if (!Array.isArray(order)) return [...kept.values()];
  const rank = (name: string): number => order.map(String).indexOf(name);
  return [...kept].sort(([one], [other]) => rank(one) - rank(other)).map(([, item]) => item);
}

/** What goes is called by its place before, all else by its place afterwards. */
function madePlain(items: Json[], below: Map<string, Step[]>, order: Json | undefined): Json[] {
  const changes = [...below].flatMap(([step, some]) => some.map((change) => ({ place: Number(step), change })));
  const gone = new Set(changes.flatMap(({ place, change }) => (isGoing(change) ? [place] : [])));
  const stay = Array.isArray(order) ? order.map(Number) : [...items.keys()].filter((place) => !gone.has(place));
  const list = stay.map((place) => items[place] ?? null);
  for (const { place, change } of changes
    .filter(({ change: one }) => isComing(one))
    .sort((a, b) => a.place - b.place)) {
    list.splice(place, 0, change.after ?? null);
  }
  return list.map((item, place) =>
    made(
      item,
      changes.flatMap(({ place: other, change }) =>
        other === place && !isGoing(change) && !isComing(change) ? [change] : [],
      ),
    ),
  );
}

const isGoing = ({ steps, after, isOrder }: Step): boolean => steps.length === 0 && after === undefined && !isOrder;
const isComing = ({ steps, before, isOrder }: Step): boolean => steps.length === 0 && before === undefined && !isOrder;

/** What lies below each key, without its first step. */
function byFirstStep(changes: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const { steps, ...change } of changes) {
    const [step, ...rest] = steps;
    if (step !== undefined) groups.set(step, [...(groups.get(step) ?? []), { ...change, steps: rest }]);
  }
  return groups;
}
