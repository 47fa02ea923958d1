import { childOf, type Entry } from "./entry";
import type { Finding } from "./finding";
import { nearest } from "./nearest";
import { branchesOf, discriminatorOf, platformNode, type SchemaNode } from "./schema-node";

/** Where an unknown key stands. */
export interface UnknownKeyPlace {
  /** Schema of the group it is in, the branch chosen. */
  node: SchemaNode;
  /** Schema of the group before a branch is chosen. */
  choice: SchemaNode;
  group: Entry;
}

/** What to say about a key that its group does not have. */
export function unknownKey(name: string, { node, choice, group }: UnknownKeyPlace): Omit<Finding, "path"> {
  const names = Object.keys(node.properties ?? {});
  const free = names.filter((other) => !childOf(group, other));
  const suggestion = nearest(name, free);
  const next = suggestion === undefined ? (otherBranch(name, choice) ?? otherPlace(name)) : undefined;
  return {
    onKey: true,
    message: "unknown key",
    allowed: names.join(", "),
    ...(suggestion !== undefined && { suggestion }),
    ...(next !== undefined && { next }),
  };
}

/** The key exists, but belongs to another value of the discriminator. */
function otherBranch(name: string, choice: SchemaNode): string | undefined {
  const key = discriminatorOf(choice);
  const branch = choice.oneOf?.find((candidate) => Object.hasOwn(candidate.properties ?? {}, name));
  return key !== undefined && branch
    ? `${name} goes with ${key}: ${branchesOf({ oneOf: [branch] }, key).join()}`
    : undefined;
}

/** The key exists elsewhere in the configuration. */
function otherPlace(name: string): string | undefined {
  const sections = Object.entries(platformNode().properties ?? {});
  const places = sections.flatMap(([section, node]) => placesOf(name, node, `noetl:${section}`));
  return places.length === 0 ? undefined : `a key of this name exists as ${places.slice(0, 3).join(" and as ")}`;
}

function placesOf(name: string, node: SchemaNode, path: string): string[] {
  const below = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    ...(key === name ? [`${path}.${key}`] : []),
    ...placesOf(name, child, `${path}.${key}`),
  ]);
  const items = node.items ? placesOf(name, node.items, `${path}[]`) : [];
  const branches = (node.oneOf ?? []).flatMap((branch) => placesOf(name, branch, path));
  return [...new Set([...below, ...items, ...branches])];
}
