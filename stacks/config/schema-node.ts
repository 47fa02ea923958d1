import { z } from "zod";
import { platformSchema } from "../schema";
import { childOf, entryAt, type Entry } from "./entry";
import type { Path } from "./path";

/** The parts of JSON Schema (draft 7) that zod makes of our schema, and the facts its leaves carry. */
export interface SchemaNode {
  type?: "string" | "number" | "integer" | "boolean" | "object" | "array";
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: boolean;
  items?: SchemaNode;
  enum?: string[];
  const?: string;
  oneOf?: SchemaNode[];
  anyOf?: SchemaNode[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  description?: string;
  /** Only an encrypted value may stand here. */
  secret?: boolean;
  /** What kind of value a leaf is: see LeafFacts in stacks/schema/fields. */
  kind?: string;
  /** What a leaf accepts, in words. */
  allowed?: string;
  /** The largest quantity a leaf accepts. */
  largest?: string;
}

let root: SchemaNode | undefined;

/** The schema of the whole configuration: one property a key, without the project's prefix. Not to be changed. */
export function platformNode(): SchemaNode {
  root ??= z.toJSONSchema(platformSchema, { target: "draft-7", io: "input" }) as SchemaNode;
  return root;
}

/** Names of the keys a stack file may set. */
export function sectionNames(): string[] {
  return Object.keys(platformNode().properties ?? {});
}

/**
 * The schema that governs a place in the configuration. Where it depends on a choice (`mode`), the branch that the
 * entries choose; before a choice is made, the node with all its branches.
 */
export function nodeAt(node: SchemaNode, entry: Entry | undefined, path: Path): SchemaNode | undefined {
  const found = unchosenNodeAt(node, entry, path);
  return found && chosenBranch(found, entry && entryAt(entry, path));
}

/** Like {@link nodeAt}, but a choice at the place itself keeps its branches. */
export function unchosenNodeAt(node: SchemaNode, entry: Entry | undefined, path: Path): SchemaNode | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return node;
  const child = childNode(chosenBranch(node, entry), step);
  return child && unchosenNodeAt(child, entry && childOf(entry, step), rest);
}

/** The branch of a choice that the entry's discriminator names; the node itself where nothing is to be chosen. */
export function chosenBranch(node: SchemaNode, entry: Entry | undefined): SchemaNode {
  const key = discriminatorOf(node);
  const value = key !== undefined && entry ? childOf(entry, key) : undefined;
  if (key === undefined || value?.kind !== "scalar") return node;
  return node.oneOf?.find((branch) => branch.properties?.[key]?.const === value.value) ?? node;
}

/** The property that tells the branches of a choice apart. */
export function discriminatorOf(node: SchemaNode): string | undefined {
  const properties = Object.entries(node.oneOf?.[0]?.properties ?? {});
  return properties.find(([, property]) => property.const !== undefined)?.[0];
}

/** The values that the discriminator of a choice may have. */
export function branchesOf(node: SchemaNode, discriminator: string): string[] {
  return (node.oneOf ?? []).flatMap((branch) => branch.properties?.[discriminator]?.const ?? []);
}

/** Whether a secret may stand at a place or anywhere below it. */
export function hasSecret(node: SchemaNode): boolean {
  const below = [...Object.values(node.properties ?? {}), ...(node.items ? [node.items] : []), ...(node.oneOf ?? [])];
  return node.secret === true || below.some(hasSecret);
}

function childNode(node: SchemaNode, step: string | number): SchemaNode | undefined {
  if (typeof step === "number") return node.items;
  // As long as no branch is chosen, all that is known is what may be chosen.
  if (node.oneOf) return step === discriminatorOf(node) ? { type: "string", enum: branchesOf(node, step) } : undefined;
  return Object.hasOwn(node.properties ?? {}, step) ? node.properties?.[step] : undefined;
}
