import { allowedText } from "./allowed";
import type { Entry, ScalarEntry } from "./entry";
import type { Finding } from "./finding";
import type { Path } from "./path";
import { chosenBranch, nodeAt, type SchemaNode } from "./schema-node";

/**
 * Values that Pulumi's YAML reader and the YAML 1.2 rules understand differently, so that the preview would show one
 * platform and `pulumi up` make another: unquoted dates, and numbers that are not plainly decimal.
 */
export function notationFindings(entry: Entry, node: SchemaNode, path: Path): Finding[] {
  if (node.secret === true) return [];
  if (entry.kind === "scalar") return scalarFinding(entry, node, path);
  const chosen = chosenBranch(node, entry);
  const children: [string | number, Entry][] =
    entry.kind === "map" ? [...entry.children] : [...entry.children.entries()];
  return children.flatMap(([step, child]) => {
    const below = nodeAt(chosen, entry, [step]);
    return below ? notationFindings(child, below, [...path, step]) : [];
  });
}

function scalarFinding(entry: ScalarEntry, node: SchemaNode, path: Path): Finding[] {
  const { text, quoted } = entry;
  const isGroup = node.properties !== undefined || node.oneOf !== undefined || node.items !== undefined;
  if (quoted || isGroup) return [];
  const allowed = allowedText(node);
  if (isDate(text)) {
    return [{ path, message: `${text} is a date to Pulumi, not text`, allowed, suggestion: `"${text}"` }];
  }
  if (!isOddNumber(text)) return [];
  const suggestion = node.type === "string" ? `"${text}"` : decimal(text);
  return [
    { path, message: `${text} is not a plain decimal number, and YAML readers disagree on it`, allowed, suggestion },
  ];
}

/** @see https://yaml.org/type/timestamp.html */
function isDate(text: string): boolean {
  return /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/.test(text);
}

/** Leading zeros, underscores between digits, or a base other than ten. */
function isOddNumber(text: string): boolean {
  return /^[-+]?(0\d+|0[xob][0-9a-f_]+|\d[\d_]*_[\d_]*)(\.\d+)?$/i.test(text) && text.length < 40;
}

function decimal(text: string): string {
  const digits = text.replaceAll("_", "").replace(/^\+/, "");
  const [sign, size] = digits.startsWith("-") ? ["-", digits.slice(1)] : ["", digits];
  return `${sign}${Number(/^0\d/.test(size) ? size.replace(/^0+(?=\d)/, "") : size)}`;
}
