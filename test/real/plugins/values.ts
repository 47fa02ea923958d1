/** Any value that goes between the engine and a plugin. */
export type Value = string | number | boolean | null | Value[] | Values;

/** Properties of a resource. */
export interface Values {
  [name: string]: Value;
}

// Pulumi's own marks (sdk/go/common/resource/sig): they are part of its wire format.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a value that is known only after an update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The same, of a type that is known: boolean, number, array and so on.
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Marks a value as secret. */
export function secret(value: Value): Values {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** @returns whether the value as a whole is marked as secret */
export function isSecret(value: Value | undefined): value is Values & { value: Value } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

/** @returns the value without any mark of a secret */
export function plain(value: Values): Values;
export function plain(value: Value): Value;
export function plain(value: Value): Value {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (isObject(value)) return mapValues(value, (item) => plain(item));
  return value;
}

/** @returns the value, secret wherever `like` is secret */
export function marked(value: Values, like: Values): Values;
export function marked(value: Value, like: Value | undefined): Value;
export function marked(value: Value, like: Value | undefined): Value {
  if (isSecret(like)) return secret(plain(value));
  if (Array.isArray(value)) {
    return Array.isArray(like) ? value.map((item, index) => marked(item, like[index])) : value;
  }
  if (isObject(value) && !isSecret(value) && isObject(like)) {
    return mapValues(value, (item, name) => marked(item, like[name]));
  }
  return value;
}

/** @returns whether something in the value is known only after an update */
export function hasUnknown(value: Value): boolean {
  if (typeof value === "string") return UNKNOWNS.has(value);
  return typeof value === "object" && value !== null && Object.values(value).some((item: Value) => hasUnknown(item));
}

/** @returns the text of a value; empty for one that has properties or items */
export function textOf(value: Value | undefined): string {
  return typeof value === "object" ? "" : String(value ?? "");
}

/** @returns whether a value has named properties */
export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(object: Values, map: (item: Value, name: string) => Value): Values {
  return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, map(item, name)]));
}
