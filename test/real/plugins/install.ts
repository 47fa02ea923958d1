import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { version as gcpVersion } from "@pulumi/gcp/package.json";
import { version as kubernetesVersion } from "@pulumi/kubernetes/package.json";
import { version as randomVersion } from "@pulumi/random/package.json";
import { onPath } from "../../../tools/go";

/** Versions that the SDKs ask for. */
const VERSIONS = { kubernetes: kubernetesVersion, random: randomVersion, gcp: gcpVersion };

export type PluginName = keyof typeof VERSIONS;
export const PLUGIN_NAMES = Object.keys(VERSIONS) as PluginName[];

/** Resource plugins that an engine can run. */
export interface Plugins {
  /** Holds an executable for each; to be put on PATH. */
  folder: string;
  /** Which ones they are: the path of a published plugin, or `the test's own`. */
  origin: Record<PluginName, string>;
}

/**
 * Makes all plugins ready to run: published ones where this machine has them (on PATH, or in the user's Pulumi
 * folder), the test's own otherwise.
 *
 * @param folder is created
 */
export async function installPlugins(folder: string, names: readonly PluginName[] = PLUGIN_NAMES): Promise<Plugins> {
  mkdirSync(folder, { recursive: true });
  const published = names.map((name) => [name, findPublished(name)] as const);
  if (published.some(([, path]) => path === undefined)) await bundle(join(folder, "plugins.cjs"));
  for (const [name, path] of published) {
    const executable = join(folder, `pulumi-resource-${name}`);
    if (path === undefined) writeFileSync(executable, script(folder, name), { mode: 0o755 });
    else symlinkSync(path, executable);
  }
  const origin = Object.fromEntries(published.map(([name, path]) => [name, path ?? "the test's own"]));
  return { folder, origin: origin as Plugins["origin"] };
}

/** One file without imports starts ten times faster than the sources. */
async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(__dirname, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
}

function script(folder: string, name: PluginName): string {
  return `#!/bin/sh\nexec '${process.execPath}' '${join(folder, "plugins.cjs")}' ${name} ${VERSIONS[name]}\n`;
}

function findPublished(name: PluginName): string | undefined {
  const executable = `pulumi-resource-${name}`;
  const home = join(homedir(), ".pulumi", "plugins");
  const installed = namesIn(home).filter((entry) => entry.startsWith(`resource-${name}-v${VERSIONS[name]}`));
  return [...onPath(executable, process.env), ...installed.map((entry) => join(home, entry, executable))][0];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
