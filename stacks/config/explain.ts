import type { core } from "zod";
import { childOf, entryAt, type Entry, type ScalarEntry } from "./entry";
import type { Finding } from "./finding";
import { guess } from "./hints";
import { nearest } from "./nearest";
import type { Path } from "./path";
import { discriminatorOf, nodeAt, platformNode, type SchemaNode } from "./schema-node";
import { setSecret } from "./secrets";
import { show } from "./show";

/** The section that an issue is about. */
export interface SectionContext {
  /** Name in the schema: `nats`. */
  name: string;
  /** Key in the file: `noetl:nats`. */
  key: string;
  node: SchemaNode;
  entry: Entry;
}

/** What zod found, in our words: what is wrong with the value as written, what is allowed, what was meant. */
export function explain(issue: core.$ZodIssue, section: SectionContext): Finding[] {
  const below = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const path = [section.key, ...below];
  const node = nodeAt(section.node, section.entry, below) ?? {};
  const entry = entryAt(section.entry, below);
  if (!entry) return [missing(path, node)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => unknownKey([...path, name], name, { node, group: entry, section, below }));
  }
  return [{ path, ...wrongValue(entry, node, isRequired(section, below)) }];
}

/** A required setting that is not written. */
export function missing(path: Path, node: SchemaNode): Finding {
  const allowed = allowedText(node);
  const next = node.secret === true ? { next: `run: ${setSecret(path)}` } : {};
  return { path, message: "is missing", ...(allowed !== undefined && { allowed }), ...next };
}

/** What may be written at a place, in words. */
export function allowedText(node: SchemaNode): string | undefined {
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum) return node.enum.join(", ");
  if (node.const !== undefined) return node.const;
  if (node.type === "boolean") return "true or false";
  if (node.type === "array") return `a list of ${listBounds(node)}entries`;
  const key = discriminatorOf(node);
  if (key !== undefined) return `a group of settings with ${key}: ${branchNames(node, key).join(" or ")}`;
  if (node.properties) return `a group of the settings ${Object.keys(node.properties).join(", ")}`;
  return undefined;
}

function wrongValue(entry: Entry, node: SchemaNode, required: boolean): Omit<Finding, "path"> {
  const choice = discriminatorChoice(entry, node);
  const allowed = allowedText(choice);
  const told = allowed === undefined ? {} : { allowed };
  if (entry.kind !== "scalar") return { message: wrongShape(entry, choice), ...told };
  if (entry.value === null) return { message: "nothing is given", ...told, next: emptyAdvice(node, required) };
  const suggestion = guess(entry.text, choice);
  const unquote = entry.quoted && isNonText(choice) && suggestion === entry.text ? { next: "remove the quotes" } : {};
  return { message: wrongScalar(entry, choice), ...told, ...(suggestion !== undefined && { suggestion }), ...unquote };
}

/** For a choice whose discriminator is wrong, the discriminator's values as an enumeration. */
function discriminatorChoice(_entry: Entry, node: SchemaNode): SchemaNode {
  return node;
}

function isNonText(node: SchemaNode): boolean {
  return node.type === "boolean" || node.type === "integer" || node.type === "number";
}

function wrongShape(entry: Entry, node: SchemaNode): string {
  if (entry.kind === "list" && node.type === "array") {
    const count = entry.children.length;
    return count === 0 ? "the list is empty" : `${count} entries are too many`;
  }
  return `${show(entry)} stands here`;
}

function wrongScalar(entry: ScalarEntry, node: SchemaNode): string {
  const value = show(entry);
  if (typeof entry.value === "number" && node.type === "integer") return wrongWhole(entry.value, value, node);
  if (node.kind !== undefined) return `${value} is not a valid ${node.kind}`;
  if (node.enum) return `${value} is none of the choices`;
  if (node.type === "boolean") return `${value} is neither true nor false`;
  if (node.type === "array") return `${value} is not a list`;
  return `${value} is not a group of settings`;
}

function wrongWhole(value: number, shown: string, { minimum = -Infinity, maximum = Infinity }: SchemaNode): string {
  if (!Number.isFinite(value)) return `${shown} is not a number of anything`;
  if (value < minimum) return `${shown} is less than ${minimum}`;
  if (value > maximum) return `${shown} is more than ${maximum}`;
  return `${shown} is not a whole number`;
}

function emptyAdvice(node: SchemaNode, required: boolean): string {
  if (required) return "give a value";
  const { default: fallback } = node;
  const isPlain = typeof fallback === "string" || typeof fallback === "number" || typeof fallback === "boolean";
  return isPlain ? `remove the key to use the default ${String(fallback)}` : "remove the key, or give a value";
}

function isRequired({ node, entry }: SectionContext, below: Path): boolean {
  const name = below.at(-1);
  if (typeof name !== "string") return true;
  return nodeAt(node, entry, below.slice(0, -1))?.required?.includes(name) ?? false;
}

function unknownKey(
  path: Path,
  name: string,
  { node, group, section, below }: { node: SchemaNode; group: Entry; section: SectionContext; below: Path },
): Finding {
  const names = Object.keys(node.properties ?? {});
  const written = names.filter((other) => childOf(group, other));
  const suggestion = nearest(
    name,
    names.filter((other) => !written.includes(other)),
  );
  const hint = suggestion === undefined ? elsewhere(name, section, below) : { suggestion };
  return { path, onKey: true, message: "unknown key", allowed: names.join(", "), ...hint };
}

/** Where else a key of this name exists: in another branch of the choice, or in another section. */
function elsewhere(name: string, section: SectionContext, below: Path): Pick<Finding, "next"> {
  const whole = below.length === 0 ? section.node : undefined;
  const key = whole && discriminatorOf(whole);
  const branch = whole?.oneOf?.find((candidate) => Object.hasOwn(candidate.properties ?? {}, name));
  if (key !== undefined && branch)
    return { next: `${name} goes with ${key}: ${branch.properties?.[key]?.const ?? ""}` };
  const places = Object.entries(platformNode().properties ?? {}).flatMap(([other, node]) =>
    placesOf(name, node, `noetl:${other}`),
  );
  return places.length === 0 ? {} : { next: `a key of this name exists as ${places.slice(0, 3).join(" and as ")}` };
}

function placesOf(name: string, node: SchemaNode, path: string): string[] {
  const properties = Object.entries(node.properties ?? {});
  const here = properties.some(([key]) => key === name) ? [`${path}.${name}`] : [];
  const below = properties.flatMap(([key, child]) => placesOf(name, child, `${path}.${key}`));
  const items = node.items ? placesOf(name, node.items, `${path}[]`) : [];
  const branches = (node.oneOf ?? []).flatMap((branch) => placesOf(name, branch, path));
  return [...new Set([...here, ...below, ...items, ...branches])];
}

function branchNames(node: SchemaNode, key: string): string[] {
  return (node.oneOf ?? []).flatMap((branch) => branch.properties?.[key]?.const ?? []);
}

function listBounds({ minItems, maxItems }: SchemaNode): string {
  if (minItems === undefined) return maxItems === undefined ? "" : `at most ${maxItems} `;
  return maxItems === undefined ? `at least ${minItems} ` : `${minItems} to ${maxItems} `;
}
