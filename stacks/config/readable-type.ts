import type { SchemaNode } from "./schema-node";

/** A type as a reader of the reference needs it: `size, at most 64Mi`, `whole number, 1 to 1024`, `one of kind, gke`. */
export function readableType(node: SchemaNode): string {
  if (node.enum) return `one of ${choices(node.enum)}`;
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.type === "boolean") return "`true` or `false`";
  if (node.type === "array") return listType(node);
  if (node.type === "integer") return `whole number, ${node.minimum ?? ""} to ${node.maximum ?? ""}`;
  if (node.kind === "size" && node.largest !== "64Ti") return `size, at most ${node.largest ?? ""}`;
  if (node.kind === "text") return `text, at most ${node.maxLength ?? ""} characters`;
  return node.kind ?? "";
}

function listType({ items = {}, minItems = 0, maxItems }: SchemaNode): string {
  const bounds = maxItems === undefined ? "" : `, ${minItems} to ${maxItems}`;
  if (items.enum) return `list of ${choices(items.enum)}${bounds}`;
  return `list of ${readableType(items)}s${bounds}`;
}

function choices(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
