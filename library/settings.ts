import * as pulumi from "@pulumi/pulumi";
import { checkConfig } from "../stacks/config/check";
import { entryOf, type MapEntry } from "../stacks/config/entry";
import { ConfigError } from "../stacks/config/problem";
import { hasSecret, platformNode } from "../stacks/config/schema-node";
import type { SecretForm } from "../stacks/config/secrets";
import { PROJECT, type PlatformConfig } from "../stacks/schema";

/** Settings of a platform, checked with the schema, rules and messages of a stack file. @throws RunError with every problem */
export function settingsOf(component: string, settings: Readonly<Record<string, unknown>>): PlatformConfig {
  const given = Object.entries(settings).map(([key, value]) => [`${PROJECT}:${key}`, entryOf(value)] as const);
  const entry: MapEntry = { kind: "map", children: new Map(given) };
  const { config, problems } = checkConfig(entry, formOf);
  if (config) return config;
  throw new pulumi.RunError(new ConfigError(component, problems).message);
}

/** A program's secrets are plain text by the time it hands them over. */
function formOf(key: string): SecretForm {
  const node = platformNode().properties?.[key.slice(key.indexOf(":") + 1)];
  return node !== undefined && hasSecret(node) ? "decrypted" : "plain";
}

/** The least that a platform says; a component of its own is none of it. */
const REST = { profile: "kind", cluster: { context: "none" }, postgres: { mode: "inCluster" } };

/** One section of the settings, with its defaults. What is undefined was not given. @throws RunError with every problem */
export function sectionOf<Name extends keyof PlatformConfig>(
  component: string,
  name: Name,
  given: unknown,
): PlatformConfig[Name] {
  return settingsOf(component, { ...REST, [name]: JSON.parse(JSON.stringify(given)) as unknown })[name];
}
