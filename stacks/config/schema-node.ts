import { z } from "zod";
import { platformSchema } from "../schema";
import { childOf, type Entry } from "./entry";
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
  const chosen = chosenBranch(node, entry);
  const [step, ...rest] = path;
  if (step === undefined) return chosen;
  const child = typeof step === "number" ? chosen.items : ownProperty(chosen, step);
  return child && nodeAt(child, entry && childOf(entry, step), rest);
}

/** The branch of a choice that the entry's discriminator names; the node itself where nothing is to be chosen. */
export function chosenBranch(node: SchemaNode, entry: Entry | undefined): SchemaNode {
  const key = discriminatorOf(node);
  if (key === undefined || !entry) return node;
  const value = childOf(entry, key);
  const chosen = node.oneOf?.find(
    (branch) => value?.kind === "scalar" && branch.properties?.[key]?.const === value.value,
  );
  return chosen ?? node;
}

/** The property that tells the branches of a choice apart. */
export function discriminatorOf(node: SchemaNode): string | undefined {
  const properties = Object.entries(node.oneOf?.[0]?.properties ?? {});
  return properties.find(([, property]) => property.const !== undefined)?.[0];
}

function ownProperty(node: SchemaNode, name: string): SchemaNode | undefined {
  return Object.hasOwn(node.properties ?? {}, name) ? node.properties?.[name] : undefined;
}
