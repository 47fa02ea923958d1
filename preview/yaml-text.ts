import { isObject } from "./json";
import type { Json } from "./graph";

/**
 * JSON values as YAML text. The `yaml` package writes a Deployment in about a millisecond, which is the whole budget of
 * a resource; this writer needs a fiftieth of that, because it knows only what a manifest can hold.
 */

/** Keys that come before all others, in every object, because people look for them first. */
const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];
const RANKS = new Map(FIRST.map((key, rank) => [key, rank]));

/**
 * A YAML document without `---`, ending in a newline. Keys are sorted ({@link compareKeys}), lists keep their order,
 * long lines are not folded, and texts that a YAML 1.1 or 1.2 reader would take for something else are quoted.
 */
export function toYamlText(value: Json): string {
  const lines: string[] = [];
  if (isEmpty(value) || !(isObject(value) || Array.isArray(value))) lines.push(scalar(value, ""));
  else writeBlock(value, "", "", lines);
  return lines.join("\n") + "\n";
}

/** The order of keys in manifests: apiVersion, kind, metadata, name, namespace, then by code point. */
function compareKeys(a: string, b: string): number {
  const difference = (RANKS.get(a) ?? FIRST.length) - (RANKS.get(b) ?? FIRST.length);
  if (difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Writes the entries of a non-empty list or object at an indentation; `lead` opens the first line instead of it. */
function writeBlock(value: Json, indent: string, lead: string, lines: string[]): void {
  let start = lead === "" ? indent : lead;
  if (Array.isArray(value)) {
    for (const item of value) {
      writeItem(item, indent, start, lines);
      start = indent;
    }
  } else if (isObject(value)) {
    for (const key of Object.keys(value).sort(compareKeys)) {
      writeEntry(key, value[key] ?? null, indent, start, lines);
      start = indent;
    }
  }
}

function writeItem(item: Json, indent: string, start: string, lines: string[]): void {
  if ((isObject(item) || Array.isArray(item)) && !isEmpty(item)) writeBlock(item, `${indent}  `, `${start}- `, lines);
  else lines.push(`${start}- ${scalar(item, indent)}`);
}

function writeEntry(key: string, value: Json, indent: string, start: string, lines: string[]): void {
  const name = inline(key);
  if ((isObject(value) || Array.isArray(value)) && !isEmpty(value)) {
    lines.push(`${start}${name}:`);
    writeBlock(value, `${indent}  `, "", lines);
  } else lines.push(`${start}${name}: ${scalar(value, indent)}`);
}

/** Anything that is written on the line of its key, and a literal block for a text of several lines. */
function scalar(value: Json, indent: string): string {
  if (typeof value === "string") return fitsLiteral(value) ? literal(value, `${indent}  `) : inline(value);
  if (Array.isArray(value)) return "[]";
  return isObject(value) ? "{}" : JSON.stringify(value);
}

/** `|` with chomping, and an indentation mark when the text itself begins with white space. */
function literal(text: string, indent: string): string {
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  const chomp = !text.endsWith("\n") ? "-" : body.endsWith("\n") ? "+" : "";
  const mark = /^[ \n]/.test(text) ? "2" : "";
  const lines = body.split("\n").map((line) => (line === "" ? "" : indent + line));
  return [`|${mark}${chomp}`, ...lines].join("\n");
}

/** Whether a literal block gives back the text: more than a line, only printable, no line of white space alone. */
function fitsLiteral(text: string): boolean {
  return text.includes("\n") && /\S/.test(text) && !/^[ \t]+$/m.test(text) && !UNPRINTABLE.test(text);
}

function inline(text: string): string {
  return isPlain(text) ? text : quote(text);
}

/** Whether a text may stand unquoted: no indicator where one would act, and nothing that reads as another type. */
function isPlain(text: string): boolean {
  return PLAIN.test(text) && !INNER.test(text) && !OTHER_TYPE.test(text);
}

// A first character that starts no YAML construct, then printable ones, the last neither a blank nor a colon.
const PLAIN =
  /^(?:[A-Za-z0-9_/.$(+^~\\;]|<(?!<)|-(?![-\s]|$)|--[A-Za-z0-9])[\x20-\x7e\u00a1-\u2027\u2030-\ud7ff]*(?<![ :])$/;
const INNER = /: | #/;
// Null, booleans of YAML 1.1, merge and value keys, and whatever looks like a number, a date or a time.
const OTHER_TYPE =
  /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?\.(?:inf|nan)|[-+]?(?:[.\d]|e[-+]?\d)[\d_.,:xob+\-a-f TZ]*)$/i;
// Exactly the characters that YAML calls unprintable, and line breaks other than \n.
const UNPRINTABLE = /[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

function quote(text: string): string {
  return JSON.stringify(text).replace(
    // JSON leaves these as they are, YAML does not allow them.
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isEmpty(value: Json): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
