import { parseQuantity } from "../../components/kubernetes/quantity";
import { allowedText } from "./allowed";
import type { Entry, ScalarEntry } from "./entry";
import type { Finding } from "./finding";
import { guess } from "./hints";
import { hasSecret, type SchemaNode } from "./schema-node";
import { show } from "./show";

type Told = Pick<Finding, "message" | "allowed" | "suggestion" | "next">;

/** What is wrong with a value that its schema refuses. */
export function wrongValue(entry: Entry, node: SchemaNode, isRequired: boolean): Told {
  const allowed = allowedText(node);
  if (entry.kind !== "scalar") return { message: wrongShape(entry, node), allowed };
  if (entry.value === null) return { message: "nothing is given", allowed, ...emptyAdvice(node, isRequired) };
  if (isJson(entry, node)) {
    const next = "write the settings below the key, or set each with pulumi config set --path";
    return { message: "JSON in a text is not read", allowed, next };
  }
  const suggestion = guess(entry.text, node);
  const told = { allowed, ...(suggestion !== undefined && { suggestion }) };
  if (isQuotedValue(entry, node, suggestion)) {
    return { message: `${show(entry)} is text, because of its quotes`, ...told, next: "remove the quotes" };
  }
  return { message: wrongScalar(entry, node), ...told };
}

function wrongShape(entry: Exclude<Entry, ScalarEntry>, node: SchemaNode): string {
  const count = entry.kind === "list" ? entry.children.length : 0;
  if (entry.kind === "list" && node.type === "array")
    return count === 0 ? "the list is empty" : `${count} entries are too many`;
  const expected = node.type === "array" ? "a list" : isGroup(node) ? "a group of settings" : "a single value";
  return `is ${show(entry)}, not ${expected}`;
}

function wrongScalar(entry: ScalarEntry, node: SchemaNode): string {
  // What stands in the place of secrets may be one.
  const value = hasSecret(node) ? "this" : show(entry);
  if (node.type === "integer" && typeof entry.value === "number") return wrongWhole(entry.value, value, node);
  if (node.kind === "text") return wrongText(entry, value, node);
  if (node.kind !== undefined && node.largest !== undefined)
    return wrongQuantity(entry.text, value, node.kind, node.largest);
  if (node.kind !== undefined) return `${value} is not ${withArticle(node.kind)}`;
  if (node.enum) return `${value} is none of the choices`;
  if (node.type === "boolean") return `${value} is neither true nor false`;
  return `${value} is not ${node.type === "array" ? "a list" : "a group of settings"}`;
}

function wrongWhole(value: number, shown: string, { minimum = -Infinity, maximum = Infinity }: SchemaNode): string {
  if (!Number.isInteger(value)) return `${shown} is not a whole number`;
  return value < minimum ? `${shown} is less than ${minimum}` : `${shown} is more than ${maximum}`;
}

function wrongText({ value, text }: ScalarEntry, shown: string, { maxLength = Infinity }: SchemaNode): string {
  if (typeof value !== "string")
    return `${shown} is ${typeof value === "number" ? "a number" : "true or false"}, not text`;
  if (text === "") return "the text is empty";
  if (text.length > maxLength) return `the text has ${text.length} characters`;
  if (text.includes("$(")) return 'the kubelet would take "$(" for the beginning of a variable';
  return "the text holds a line break or another control character";
}

function wrongQuantity(text: string, shown: string, kind: string, largest: string): string {
  if (/^-\s*[\d.]/.test(text)) return `${shown} is negative`;
  if (kind === "size" && /^[\d.]*[1-9][\d.]*$/.test(text)) return `${shown} has no unit`;
  const amount = parseQuantity(text);
  if (amount !== undefined && amount > (parseQuantity(largest) ?? 0)) return `${shown} is more than ${largest}`;
  if (kind === "size" && amount !== undefined && !Number.isInteger(amount))
    return `${shown} is not a whole number of bytes`;
  return `${shown} is not ${withArticle(kind)}`;
}

/** `"4"` where 4 is wanted. */
function isQuotedValue(entry: ScalarEntry, node: SchemaNode, suggestion: string | undefined): boolean {
  const isText = entry.quoted && typeof entry.value === "string";
  return isText && suggestion === entry.text && (node.type === "integer" || node.type === "boolean");
}

/** A group or list as JSON text, which `pulumi config set` without `--path` stores. */
function isJson({ value }: ScalarEntry, node: SchemaNode): boolean {
  return (isGroup(node) || node.type === "array") && typeof value === "string" && /^\s*[[{]/.test(value);
}

function isGroup(node: SchemaNode): boolean {
  return node.properties !== undefined || node.oneOf !== undefined;
}

function emptyAdvice({ default: fallback }: SchemaNode, isRequired: boolean): Pick<Told, "next"> {
  if (isRequired) return {};
  const isPlain = typeof fallback === "string" || typeof fallback === "number" || typeof fallback === "boolean";
  return { next: isPlain ? `remove the key to use the default ${String(fallback)}` : "remove the key" };
}

function withArticle(noun: string): string {
  return `${/^([aeio]|SQL)/.test(noun) ? "an" : "a"} ${noun}`;
}
