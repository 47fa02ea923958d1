import { quantityOf } from "./amounts";
import type { Json } from "./graph";
import { at, isObject, type JsonObject } from "./json";
import { matchItems } from "./list-matching";

/** One field that differs. A missing side means the field was added or removed. */
export interface FieldChange {
  /** `spec.template.spec.containers[worker].env[NATS_URL].value`, `metadata.annotations["prometheus.io/port"]`. */
  path: string;
  before?: Json;
  after?: Json;
}

/** What tells the items of a list apart, most telling first; as Kubernetes merges them where it has a rule. */
const ITEM_KEYS = [
  "name",
  "mountPath",
  "containerPort",
  "port",
  "key",
  "type",
  "path",
  "alert",
  "record",
  "metadata.name",
];

/** Below these keys stand quantities, of which `1` and `1000m` are the same. */
const QUANTITY_MAPS = new Set(["requests", "limits", "capacity", "hard"]);

/**
 * What differs between two objects, as Kubernetes reads them: list items are matched by name, mount path or port where
 * these are unique, else by content; quantities are compared by value. A changed order of matched items is a change of
 * `PATH (order)`, where the order says something.
 */
export function fieldChanges(before: Json, after: Json): FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before, after, "", false, changes);
  return changes;
}

function compare(before: Json, after: Json, path: string, quantity: boolean, changes: FieldChange[]): void {
  if (isObject(before) && isObject(after)) compareObjects(before, after, path, changes);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, changes);
  else if (!sameScalar(before, after, quantity)) changes.push({ path, before, after });
}

function compareObjects(before: JsonObject, after: JsonObject, path: string, changes: FieldChange[]): void {
  const quantities = QUANTITY_MAPS.has(lastKey(path));
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compareMember(before[key], after[key], childPath(path, key), quantities || key === "sizeLimit", changes);
  }
}

function compareMember(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
  quantity: boolean,
  changes: FieldChange[],
): void {
  if (before === undefined) changes.push({ path, ...(after !== undefined && { after }) });
  else if (after === undefined) changes.push({ path, before });
  else compare(before, after, path, quantity, changes);
}

function compareLists(before: Json[], after: Json[], path: string, changes: FieldChange[]): void {
  const key = itemKey(before, after);
  if (before.length === 0 || after.length === 0) {
    const change = (item: Json, index: number): Pick<FieldChange, "path"> => ({
      path: `${path}[${label(item, key) ?? index}]`,
    });
    changes.push(...before.map((item, index) => ({ ...change(item, index), before: item })));
    changes.push(...after.map((item, index) => ({ ...change(item, index), after: item })));
  } else if (key === undefined) compareItems(before, after, path, changes);
  else compareNamed(before, after, key, path, changes);
}

/** Lists whose items nothing names: what goes is called by its place before, all else by its place after. */
function compareItems(before: Json[], after: Json[], path: string, changes: FieldChange[]): void {
  const matches = matchItems(before, after);
  const found: FieldChange[] = [];
  for (const { before: old, after: now } of matches) {
    const item = (list: Json[], index: number | undefined): Json | undefined =>
      index === undefined ? undefined : list[index];
    compareMember(item(before, old), item(after, now), `${path}[${now ?? old ?? 0}]`, false, found);
  }
  changes.push(...found);
  const order = matches.flatMap(({ before: old, after: now }) => (old === undefined || now === undefined ? [] : [old]));
  const isMoved = order.some((place, index) => place < (order[index - 1] ?? -1));
  if (!isMoved || (found.length === 0 && SETS.test(path))) return;
  changes.push({ path: `${path} (order)`, before: [...order].sort((one, other) => one - other), after: order });
}

/** Lists of which Kubernetes reads no order, and whose order makes no pod new. */
const SETS =
  /^(spec\.(ingress|egress)(\[\d+\]\.(from|to|ports))?|spec\.policyTypes|rules(\[\d+\]\.(verbs|apiGroups|resources|resourceNames))?)$/;

function compareNamed(before: Json[], after: Json[], key: string, path: string, changes: FieldChange[]): void {
  const oldItems = byKey(before, key);
  const newItems = byKey(after, key);
  for (const name of new Set([...oldItems.keys(), ...newItems.keys()])) {
    compareMember(oldItems.get(name), newItems.get(name), `${path}[${name}]`, false, changes);
  }
  const oldOrder = [...oldItems.keys()].filter((name) => newItems.has(name));
  const newOrder = [...newItems.keys()].filter((name) => oldItems.has(name));
  if (oldOrder.some((name, index) => newOrder[index] !== name)) {
    changes.push({ path: `${path} (order)`, before: oldOrder, after: newOrder });
  }
}

/** Whether every item is an object that has its own text or number under this key. */
function isKey(items: Json[], key: string): boolean {
  const seen = new Set<string>();
  for (const item of items) {
    const value = label(item, key);
    if (value === undefined || seen.has(value)) return false;
    seen.add(value);
  }
  return true;
}

function byKey(items: Json[], key: string): Map<string, Json> {
  return new Map(items.map((item) => [label(item, key) ?? "", item]));
}

/** The key by which the items of lists are told apart; undefined where they have none of their own. */
export function itemKey(...lists: Json[][]): string | undefined {
  return ITEM_KEYS.find((candidate) => lists.every((items) => isKey(items, candidate)));
}

/** What tells an item from the others of its list. */
export function label(item: Json | undefined, key: string | undefined): string | undefined {
  const value = key === undefined ? undefined : at(item, ...key.split("."));
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function sameScalar(before: Json, after: Json, quantity: boolean): boolean {
  if (before === after) return true;
  if (!quantity) return false;
  const value = quantityOf(before);
  return value !== undefined && value === quantityOf(after);
}

/** The path of a member of an object. */
export function childPath(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
