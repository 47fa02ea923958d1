import type { PlatformConfig } from "../schema";
import { checkConfig } from "./check";
import { entryOf, type Entry, type MapEntry } from "./entry";
import { ConfigError } from "./problem";
import { platformNode } from "./schema-node";

/** What the Pulumi engine hands to a program. */
export interface EngineConfig {
  /** The stack's name. */
  stack: string;
  /** `pulumi.runtime.allConfig()`: full keys; groups and lists as JSON, secrets decrypted. */
  entries: Record<string, string>;
  /** Keys that hold a secret anywhere in them; see {@link secretKeysOf}. */
  secretKeys: ReadonlySet<string>;
}

/**
 * Reads the configuration of a running Pulumi program: same schema, rules and messages as for a stack file.
 *
 * @throws ConfigError with every problem.
 */
export function readEngineConfig({ stack, entries, secretKeys }: EngineConfig): PlatformConfig {
  const config: MapEntry = {
    kind: "map",
    children: new Map(Object.entries(entries).map(([key, text]) => [key, entryOfText(key, text)])),
  };
  const { config: checked, problems } = checkConfig(config, (key) => (secretKeys.has(key) ? "decrypted" : "plain"));
  if (!checked) throw new ConfigError(`stack ${stack}`, problems);
  return checked;
}

/**
 * Which of the keys are secret.
 *
 * @param isSecret Pulumi's own test: `isConfigSecret` of @pulumi/pulumi/runtime/config.
 */
export function secretKeysOf(entries: Record<string, string>, isSecret: (key: string) => boolean): Set<string> {
  return new Set(Object.keys(entries).filter(isSecret));
}

/** Pulumi keeps text as it is and everything else as JSON; the schema tells which is meant. */
function entryOfText(key: string, text: string): Entry {
  const name = key.slice(key.indexOf(":") + 1);
  const node = platformNode().properties?.[name];
  if (node?.type === "string") return entryOf(text);
  try {
    return entryOf(JSON.parse(text) as unknown);
  } catch {
    return entryOf(text);
  }
}
