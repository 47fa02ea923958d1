import { parseDocument } from "yaml";
import type { EditValue } from "./edit";
import { sectionName } from "./keys";
import type { Path } from "./path";
import { nodeAt, platformNode } from "./schema-node";
import type { Entry } from "./entry";

/**
 * The value that a text on a command line stands for: what is text in the schema stays as it is (`"3"` for a label), all
 * else is read as YAML (`3`, `true`, `{ max: 5 }`, `[a, b]`).
 *
 * @param config What the stack file says, since some settings depend on others.
 */
export function givenValue(text: string, [key = "", ...rest]: Path, config: Entry | undefined): EditValue {
  const node = nodeAt(platformNode(), config && bySection(config), [sectionName(String(key)), ...rest]);
  if (node?.type === "string" || node?.enum) return text;
  const document = parseDocument(text, { version: "1.2", prettyErrors: false });
  const value: unknown = document.errors.length > 0 ? text : document.toJS();
  return isValue(value) ? value : text;
}

/** The schema knows sections without the project's prefix. */
function bySection(config: Entry): Entry {
  if (config.kind !== "map") return config;
  return { ...config, children: new Map([...config.children].map(([key, child]) => [sectionName(key), child])) };
}

function isValue(value: unknown): value is EditValue {
  return value !== null && ["string", "number", "boolean", "object"].includes(typeof value);
}
