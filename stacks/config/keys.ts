import { PROJECT } from "../schema";
import type { Entry, MapEntry } from "./entry";
import type { Finding } from "./finding";
import { nearest } from "./nearest";
import { sectionNames } from "./schema-node";

/** Where settings of Pulumi's own providers are made in this program, which configures its providers itself. */
const PROVIDERS: Record<string, string> = {
  "kubernetes:context": "noetl:cluster.context",
  "gcp:project": "noetl:gcp.project",
  "gcp:region": "noetl:gcp.region",
};
const PROVIDER_NAMESPACES = ["kubernetes", "random", "gcp"];
const UNUSED_PROVIDERS = [
  "aws",
  "azure-native",
  "azuread",
  "cloudflare",
  "command",
  "docker",
  "helm",
  "postgresql",
  "tls",
  "vault",
];

/** The sections of a configuration, by their name in the schema. */
export interface Sections {
  sections: Map<string, Section>;
  findings: Finding[];
  /** Whether the whole configuration is another project's, so that nothing of ours is missing in it. */
  isForeign: boolean;
}

/** A section and the key it is written under: `noetl:nats`, or `nats` for short. */
export interface Section {
  key: string;
  entry: Entry;
}

/** Sorts the keys of a configuration: the project's sections, Pulumi's own keys, and keys that do not belong here. */
export function sectionsOf(config: MapEntry): Sections {
  const stranger = strangeProject(config);
  if (stranger) return { sections: new Map(), findings: [stranger], isForeign: true };

  const sections = new Map<string, Section>();
  const findings: Finding[] = [];
  for (const [key, entry] of config.children) {
    const [namespace, name] = splitKey(key);
    if (namespace === "pulumi") continue;
    const finding = keyFinding(key, namespace, name, sections);
    if (finding) findings.push({ path: [key], onKey: true, ...finding });
    else sections.set(name, { key, entry });
  }
  return { sections, findings, isForeign: false };
}

/** Pulumi gives a key without a prefix the project's. */
function splitKey(key: string): [namespace: string, name: string] {
  const colon = key.indexOf(":");
  return colon < 0 ? [PROJECT, key] : [key.slice(0, colon), key.slice(colon + 1)];
}

/** What the schema calls a section: its key without the project's prefix. Another project's key stays as it is. */
export function sectionName(key: string): string {
  const [namespace, name] = splitKey(key);
  return namespace === PROJECT ? name : key;
}

function keyFinding(
  key: string,
  namespace: string,
  name: string,
  sections: ReadonlyMap<string, Section>,
): Omit<Finding, "path"> | undefined {
  if (namespace !== PROJECT) return foreignKey(key, namespace, name);
  const names = sectionNames();
  const earlier = sections.get(name);
  if (earlier)
    return { message: `is the same setting as ${earlier.key}`, see: [earlier.key], allowed: "each key once" };
  if (names.includes(name)) return undefined;
  return { message: "unknown key", allowed: keyList(names), ...nestedKey(key, name, names) };
}

/** `noetl:nats.storage` as one key, as `pulumi config set` without `--path` writes it. */
function nestedKey(key: string, name: string, names: readonly string[]): Pick<Finding, "suggestion" | "next"> {
  const [first = ""] = name.split(/[.[]/);
  if (first !== name && names.includes(first)) {
    return { next: `write it below ${PROJECT}:${first}, or set it with: pulumi config set --path '${key}' VALUE` };
  }
  const old = /^config:(.+)$/.exec(name)?.[1];
  const suggestion = nearest(old ?? name, names);
  return suggestion === undefined ? {} : { suggestion: `${PROJECT}:${suggestion}` };
}

function foreignKey(key: string, namespace: string, name: string): Omit<Finding, "path"> {
  const names = sectionNames();
  const instead = PROVIDERS[key];
  if (PROVIDER_NAMESPACES.includes(namespace)) {
    const message = `the program configures the ${namespace} provider itself`;
    const next = instead === undefined ? "remove the key" : `set ${instead} instead`;
    return { message, allowed: instead ?? keyList(names), next };
  }
  if (UNUSED_PROVIDERS.includes(namespace)) {
    return { message: `the program uses no ${namespace} provider`, allowed: keyList(names), next: "remove the key" };
  }
  const section = nearest(name, names);
  const meant = isTypoOfProject(namespace) && section !== undefined ? { suggestion: `${PROJECT}:${section}` } : {};
  return {
    message: `belongs to project ${shown(namespace)}, not to ${shown(PROJECT)}`,
    allowed: keyList(names),
    ...meant,
  };
}

/** A file in which no key is ours, but some are another project's. */
function strangeProject(config: MapEntry): Finding | undefined {
  const keys = [...config.children.keys()];
  const namespaces = new Set(keys.map((key) => splitKey(key)[0]));
  const providers = [...PROVIDER_NAMESPACES, ...UNUSED_PROVIDERS];
  if (namespaces.has(PROJECT) || [...namespaces].some(isTypoOfProject)) return undefined;
  const key = keys.find((key) => !["pulumi", ...providers].includes(splitKey(key)[0]));
  if (key === undefined) return undefined;
  return {
    path: [key],
    onKey: true,
    message: `this stack file belongs to project ${shown(splitKey(key)[0])}`,
    allowed: `a stack file of project ${shown(PROJECT)}, with keys such as ${PROJECT}:profile`,
  };
}

function isTypoOfProject(namespace: string): boolean {
  return nearest(namespace, [PROJECT]) !== undefined;
}

function keyList(names: readonly string[]): string {
  return names.map((name) => `${PROJECT}:${name}`).join(", ");
}

function shown(name: string): string {
  return `"${name}"`;
}
