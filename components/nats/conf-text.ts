import { formatBytes, quantityValue, type Quantity } from "../kubernetes/quantity";

/**
 * The text of nats-server's configuration language. Its lexer guesses types from unquoted text (`5k` is a number, `yes`
 * a boolean, `$x` a variable, `2026-01-01` a date), so every string is written in double quotes here.
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration#configuration-file-format
 */
export type ConfValue = string | number | boolean | Size | Variable | readonly ConfValue[] | ConfBlock;

/** A `{ … }` block: keys as nats.conf names them. An undefined entry is left out; `include` names files to read there. */
// An index signature would let any misspelt key through; the typed model in conf.ts is what keeps blocks honest.
export type ConfBlock = object;

/** A number of bytes, written without a unit, since units differ: `5G` is decimal, `5GB` and `5Gi` are binary. */
export class Size {
  constructor(readonly bytes: number) {}
}

/** The bytes of a Kubernetes quantity; a fraction of a byte is dropped, so that a limit is never exceeded. */
export function size(quantity: Quantity): Size {
  return new Size(Math.floor(quantityValue(quantity)));
}

/** A reference to a value defined in an enclosing block or an included file, else to an environment variable. */
export class Variable {
  constructor(readonly name: string) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not the name of a nats.conf variable: ${name}`);
  }
}

/** The lines of a block's content, each indented by `indent` and ended by a newline. */
export function confText(block: ConfBlock, indent = ""): string {
  return entriesOf(block)
    .map(([key, value]) => `${indent}${key === "include" ? include(value) : statement(key, value, indent)}\n`)
    .join("");
}

/**
 * A string that nats-server reads back as exactly `value`, whatever it holds. The lexer knows the escapes `\\`, `\"`,
 * `\n`, `\r`, `\t` and `\xXX` between double quotes, no others, and takes a raw NUL for the end of the file.
 */
export function natsString(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, escapeControl)}"`;
}

const NAMED_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeControl(character: string): string {
  const code = character.charCodeAt(0);
  // `\xXX` writes one byte, but characters from U+0080 on are two bytes in UTF-8.
  if (code > 0x7f) return character;
  return NAMED_ESCAPES[character] ?? `\\x${code.toString(16).padStart(2, "0")}`;
}

function statement(key: string, value: ConfValue, indent: string): string {
  if (value instanceof Size) return `${confKey(key)}: ${inlineText(value)}${sizeComment(value)}`;
  if (isList(value)) return `${confKey(key)}: ${listText(value, indent)}`;
  if (isBlock(value)) return `${confKey(key)} {\n${confText(value, `${indent}  `)}${indent}}`;
  return `${confKey(key)}: ${inlineText(value)}`;
}

function listText(list: readonly ConfValue[], indent: string): string {
  if (list.length === 0) return "[]";
  return `[\n${list.map((value) => `${indent}  ${inlineText(value)}\n`).join("")}${indent}]`;
}

/** A value on one line, as elements of lists are written. */
function inlineText(value: ConfValue): string {
  if (typeof value === "string") return natsString(value);
  if (typeof value === "number") return wholeNumber(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Size) return wholeNumber(value.bytes);
  if (value instanceof Variable) return `$${value.name}`;
  if (isList(value)) return `[${value.map(inlineText).join(", ")}]`;
  return `{ ${entriesOf(value)
    .map(([key, entry]) => `${confKey(key)}: ${inlineText(entry)}`)
    .join(", ")} }`;
}

function entriesOf(block: ConfBlock): [string, ConfValue][] {
  const entries = Object.entries(block as Record<string, ConfValue | undefined>);
  return entries.filter((entry): entry is [string, ConfValue] => entry[1] !== undefined);
}

function include(path: ConfValue): string {
  // Between the quotes of an include nothing is escaped.
  if (typeof path !== "string" || !/^[\w./-]+$/.test(path)) throw new Error("include takes a plain relative path");
  return `include "${path}"`;
}

function confKey(key: string): string {
  if (/^[A-Za-z_]\w*$/.test(key)) return key;
  if (/["\p{Cc}]/u.test(key)) throw new Error(`nats.conf cannot hold the key ${JSON.stringify(key)}`);
  return `"${key}"`;
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`not a whole number nats.conf can hold exactly: ${value}`);
  return String(value);
}

/** The same number with a binary unit, for the reader, where it is exactly the same number. */
function sizeComment({ bytes }: Size): string {
  const short = formatBytes(bytes);
  return short !== String(bytes) && quantityValue(short) === bytes ? ` # ${short}` : "";
}

function isList(value: ConfValue): value is readonly ConfValue[] {
  return Array.isArray(value);
}

function isBlock(value: ConfValue): value is ConfBlock {
  return typeof value === "object" && !(value instanceof Variable);
}
