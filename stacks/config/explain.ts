import type { core } from "zod";
import { allowedText } from "./allowed";
import { entryAt, type Entry } from "./entry";
import type { Finding } from "./finding";
import type { Path } from "./path";
import { nodeAt, unchosenNodeAt, type SchemaNode } from "./schema-node";
import { setSecret } from "./secrets";
import { unknownKey } from "./unknown-key";
import { wrongValue } from "./wrong-value";

/** The section that issues are about. */
export interface SectionContext {
  /** Key in the file: `noetl:nats`. */
  key: string;
  node: SchemaNode;
  entry: Entry;
}

/** What zod found, in our words: what is wrong with the value as written, what is allowed, what was meant. */
export function explain(issues: readonly core.$ZodIssue[], section: SectionContext): Finding[] {
  return issues.flatMap((issue) => explainIssue(issue, section));
}

function explainIssue(issue: core.$ZodIssue, { key, node: root, entry: section }: SectionContext): Finding[] {
  const below = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  const path = [key, ...below];
  const node = nodeAt(root, section, below) ?? {};
  const entry = entryAt(section, below);
  if (!entry) return [missing(path, node)];
  if (issue.code !== "unrecognized_keys")
    return [{ path, ...wrongValue(entry, node, isRequired(root, section, below)) }];
  const choice = unchosenNodeAt(root, section, below) ?? {};
  return issue.keys.map((name) => ({ path: [...path, name], ...unknownKey(name, { node, choice, group: entry }) }));
}

/** A required setting that is not written. */
export function missing(path: Path, node: SchemaNode): Finding {
  const next = node.secret === true ? { next: `run: ${setSecret(path)}` } : {};
  return { path, isMissing: true, message: "is missing", allowed: allowedText(node), ...next };
}

function isRequired(root: SchemaNode, section: Entry, below: Path): boolean {
  const name = below.at(-1);
  if (name === undefined) return root.default === undefined;
  if (typeof name === "number") return true;
  return nodeAt(root, section, below.slice(0, -1))?.required?.includes(name) ?? false;
}
