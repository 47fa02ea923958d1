import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

interface Secret extends KubeObject {
  data?: Record<string, string>;
}

/** The content of all Secrets of some namespaces: `namespace/name` → key → text. */
export async function secretsIn(
  kube: KubeClient,
  namespaces: readonly string[],
): Promise<Record<string, Record<string, string>>> {
  const secrets = (
    await Promise.all(namespaces.map((namespace) => kube.list<Secret>("v1", "Secret", { namespace })))
  ).flat();
  return Object.fromEntries(
    secrets.map(({ metadata: { namespace = "", name }, data = {} }) => [
      `${namespace}/${name}`,
      Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
      ),
    ]),
  );
}

/** Whatever in the content of Secrets nobody can guess: whole values, and the long words in them. */
export function secretWords(secrets: Record<string, Record<string, string>>): string[] {
  const values = Object.values(secrets).flatMap((secret) => Object.values(secret));
  return [...new Set(values.flatMap((value) => [value, ...(value.match(/[\w+/=-]{20,}/g) ?? [])]))];
}

const CONTEXT = 80;

/**
 * @param texts place → text
 * @returns the first leak at each place where one of the secrets is, in any form in which it may be written: what
 * stands before it
 */
export function leaksIn(texts: Readonly<Record<string, string>>, secrets: readonly string[]): string[] {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  return Object.entries(texts).flatMap(([place, text]) => {
    const at = forms.map((form) => text.indexOf(form)).find((index) => index >= 0);
    return at === undefined ? [] : [`${place}: …${text.slice(Math.max(0, at - CONTEXT), at)}<here>`];
  });
}

/** As it is, inside JSON, in base64, and inside a URL. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    json.replace(/[<>&]/g, goEscape),
    Buffer.from(secret).toString("base64"),
    encodeURIComponent(secret),
  ];
}

/** Go writes these characters of JSON as `\u003c`. */
function goEscape(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}

/** All files below a folder: path → text. */
export function filesBelow(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
}
