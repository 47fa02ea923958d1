/** JSON as the platform speaks it: ids are 64-bit integers in it, more than a JavaScript number holds exactly. */

/** Begins a string that stands for an integer; PostgreSQL takes no such character in JSON, so no text has it. */
const MARK = "\u0000";

/** A string, which stays as it is, or an integer that may be too long for a number. */
const TOKENS = /"(?:\\.|[^"\\])*"|-?\d{16,}(?![\d.eE])/g;

/** @returns the value; integers of 16 digits and more are bigints in it. @throws SyntaxError */
export function parseJson(text: string): unknown {
  const marked = text.replaceAll(TOKENS, (token) => (token.startsWith('"') ? token : JSON.stringify(MARK + token)));
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(1)) : value,
  );
}

/** @returns JSON with every bigint as an integer */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? MARK + part.toString() : part,
  ) as string | undefined;
  return (text ?? "null").replaceAll(/"\\u0000(-?\d+)"/g, "$1");
}

/** @returns JSON whose objects have their keys in order: one text for one value, so that its hash can be compared */
export function canonicalJson(value: unknown): string {
  return toJson(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}

/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

/** @returns the value when it is an object, else an empty one */
export function objectIn(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** @returns the value at a dotted path */
export function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((part, key) => objectIn(part)[key], value);
}

/** @returns the text, or undefined when the value is none */
export function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
