import { branchesOf, discriminatorOf, type SchemaNode } from "./schema-node";

/** What may be written at a place, in words. */
export function allowedText(node: SchemaNode): string {
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum) return node.enum.join(", ");
  if (node.type === "boolean") return "true or false";
  if (node.type === "array") return `a list of ${listBounds(node)}entries`;
  const key = discriminatorOf(node);
  if (key !== undefined) return `a group of settings with ${key}: ${branchesOf(node, key).join(" or ")}`;
  return `a group of settings: ${Object.keys(node.properties ?? {}).join(", ")}`;
}

function listBounds({ minItems, maxItems }: SchemaNode): string {
  if (minItems === undefined) return maxItems === undefined ? "" : `at most ${maxItems} `;
  return maxItems === undefined ? `at least ${minItems} ` : `${minItems} to ${maxItems} `;
}
