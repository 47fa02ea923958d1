import { entryAt, entryOf, type Entry } from "../../stacks/config/entry";
import { sectionName } from "../../stacks/config/keys";
import { nearest } from "../../stacks/config/nearest";
import { formatPath, type Path } from "../../stacks/config/path";
import { nodeAt, platformNode } from "../../stacks/config/schema-node";
import { parseYaml } from "../../stacks/config/yaml-text";
import { UserError } from "../../stacks/errors";
import { PLACEHOLDER } from "../../stacks/schema/fields";
import type { PlatformConfig } from "../../stacks/schema";

/** A setting as the program takes it. */
export interface Effective {
  path: string;
  /** Undefined where nothing is set and there is no default. Secrets are `<secret>`. */
  value: unknown;
  /** Who says so: the stack file, the schema's default, or nobody. */
  origin: "file" | "default" | "unset";
  /** Line of the stack file, from 1. */
  line?: number;
}

/** What stands in place of a secret. */
const SECRET = "<secret>";

/**
 * Looks a setting up, defaults included.
 *
 * @param path Empty for all settings.
 * @throws UserError when the schema has no such setting, naming those beside it
 */
export function effective(config: PlatformConfig, text: string, file: string, path: Path): Effective {
  const steps = path.map((step, depth) => (depth === 0 ? sectionName(String(step)) : step));
  assertKnown(config, steps, path);
  const value = withoutSecrets(steps.reduce<unknown>(below, config));
  const entry = written(parseYaml(text, file).root, path);
  const line = entry?.key?.line ?? entry?.at?.line;
  const origin = value === undefined ? "unset" : entry ? "file" : "default";
  return { path: formatPath(path), value, origin, ...(line !== undefined && path.length > 0 && { line }) };
}

/** A section stands under its key with or without the project's prefix. */
function written(root: Entry, path: Path): Entry | undefined {
  const [key = "", ...rest] = path;
  return entryAt(root, ["config", ...path]) ?? entryAt(root, ["config", sectionName(String(key)), ...rest]);
}

function below(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<string | number, unknown>)[step];
}

/** A setting that is not set is no mistake; one that cannot be is. */
function assertKnown(config: PlatformConfig, steps: Path, path: Path): void {
  const settings = entryOf(config);
  for (const [depth, step] of steps.entries()) {
    const above = steps.slice(0, depth);
    const list = above.reduce<unknown>(below, config);
    const isThere = nodeAt(platformNode(), settings, steps.slice(0, depth + 1)) !== undefined;
    if (isThere && !(Array.isArray(list) && Number(step) >= list.length)) continue;
    const where = formatPath(path.slice(0, depth + 1));
    const node = nodeAt(platformNode(), settings, above);
    const names = Object.keys(node?.properties ?? {});
    const meant = nearest(String(step), names);
    throw new UserError(
      [
        `${where}: there is no such setting`,
        Array.isArray(list) ? `the list has ${list.length} items, the first is [0]` : allowed(names),
        ...(meant === undefined ? [] : [`did you mean: ${meant}`]),
      ].join("\n"),
    );
  }
}

function allowed(names: readonly string[]): string {
  return names.length === 0 ? "it has no settings below it" : `allowed: ${names.join(", ")}`;
}

function withoutSecrets(value: unknown): unknown {
  if (value === PLACEHOLDER) return SECRET;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
