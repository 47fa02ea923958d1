import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { buildPlace } from "../../../tools/cache";
import { TOOLS } from "../../../tools/catalog";
import { NO_GO, onPath } from "../../../tools/go";

/** Its name on PATH. */
export const LANGUAGE_HOST = "pulumi-language-nodejs";

/** Why no project can be run where there is no language host. */
export const NO_LANGUAGE_HOST = `${LANGUAGE_HOST} is neither on PATH nor built; ${NO_GO}`;

/** Looks for Pulumi's language host for Node.js: a published one on PATH, else the pinned one. */
export function findLanguageHost(): string | undefined {
  const { bin } = buildPlace(TOOLS[LANGUAGE_HOST].recipe, process.env);
  return [...onPath(LANGUAGE_HOST, process.env), join(bin, LANGUAGE_HOST)].find((path) => existsSync(path));
}

/**
 * Makes a language host ready to run a project.
 *
 * @param host path of the language host
 * @param folder on PATH of the CLI
 * @param projectFile the project's Pulumi.yaml
 * @param name under which the CLI looks for it
 */
export function installLanguageHost(
  host: string,
  folder: string,
  projectFile: string,
  name: string = LANGUAGE_HOST,
): void {
  const { runtime } = parse(readFileSync(projectFile, "utf8")) as {
    runtime: { options?: Record<string, string | boolean> };
  };
  // Newer hosts get the options from the CLI, and take these flags as well; older ones know only the flags.
  const flags = Object.entries(runtime.options ?? {}).map(([option, value]) => `'-${option}=${value}'`);
  const script = `#!/bin/sh\nexec '${host}' ${flags.join(" ")} "$@"\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
}
