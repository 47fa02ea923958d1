import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildRecipe } from "./build";
import { type BuildPlace, buildPlace, type Environment } from "./cache";
import { type ToolName, TOOLS } from "./catalog";
import { NO_GO, onPath, ToolError } from "./go";
import { type Progress, progressOn } from "./progress";
import { NO_RUST, RUST_RECIPES } from "./rust";
import { isGood, versionIn } from "./versions";

const run = promisify(execFile);

const VERSION_LIMIT_MILLISECONDS = 20_000;

/** A tool that can be run. */
export interface ToolPath {
  found: true;
  name: ToolName;
  /** Path of its executable. */
  path: string;
  /** Its version, without a `v`. */
  version: string;
  source: "PATH" | "cache";
  /** Folder of the files that it reads when it runs; empty for most tools. */
  files?: string;
}

/** Something that cannot be had here. */
export interface ToolMissing {
  found: false;
  name: string;
  /** Why, and what would help, in one line; details may follow on indented lines. */
  reason: string;
}

/**
 * Looks for a tool: one on PATH in a good version first (see {@link TOOLS}), then the pinned one in the cache.
 * Builds nothing.
 */
export async function findTool(name: ToolName, env: Environment = process.env): Promise<ToolPath | ToolMissing> {
  const seen: string[] = [];
  const { onPath: good, versionArguments } = TOOLS[name];
  for (const path of good === undefined ? [] : onPath(name, env)) {
    const version = await versionOf(path, versionArguments, env);
    if (good !== undefined && version !== undefined && isGood(version, good)) {
      return { found: true, name, path, version, source: "PATH" };
    }
    seen.push(`${path} is ${version ?? "of no known version"}`);
  }

  const place = buildPlace(TOOLS[name].recipe, env);
  if (existsSync(place.home)) return inCache(name, place);

  const range = good === undefined ? "" : ` and not on PATH in a version from ${good.from} to below ${good.below}`;
  const help = compilerMissing(name, env) ?? `build it with: npx tsx tools/main.ts ${name}`;
  return { found: false, name, reason: [`not built${range}`, ...seen, help].join("; ") };
}

/** How a missing tool is built. */
export interface EnsureOptions {
  /** @default process.env */
  env?: Environment;
  /** @default progress on stderr */
  progress?: Progress;
  /** Ends a build that runs. */
  signal?: AbortSignal;
}

/** Finds a tool as {@link findTool} does, and builds it when it is not there. */
export async function ensureTool(name: ToolName, options: EnsureOptions = {}): Promise<ToolPath | ToolMissing> {
  const { env = process.env, progress = progressOn(process.stderr, env), signal } = options;
  const found = await findTool(name, env);
  if (found.found || compilerMissing(name, env) !== undefined) return found;
  try {
    return inCache(name, await buildRecipe(TOOLS[name].recipe, { env, progress, ...(signal && { signal }) }));
  } catch (error) {
    if (error instanceof ToolError) return { found: false, name, reason: error.message };
    throw error;
  }
}

/** Why it cannot be built here; undefined: it can. */
function compilerMissing(name: ToolName, env: Environment): string | undefined {
  const [compiler, missing] = TOOLS[name].recipe in RUST_RECIPES ? ["cargo", NO_RUST] : ["go", NO_GO];
  return onPath(compiler, env).length === 0 ? missing : undefined;
}

function inCache(name: ToolName, { bin, files, version }: BuildPlace): ToolPath {
  return { found: true, name, path: join(bin, TOOLS[name].executable ?? name), version, source: "cache", files };
}

async function versionOf(path: string, args: readonly string[], env: Environment): Promise<string | undefined> {
  try {
    // A user's settings (a Pulumi backend, a proxy) have no say in a version, but may make the tool wait for a network.
    const { stdout, stderr } = await run(path, args, {
      env: { PATH: env.PATH, HOME: env.HOME, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: VERSION_LIMIT_MILLISECONDS,
    });
    return versionIn(`${stdout}\n${stderr}`);
  } catch {
    return undefined;
  }
}
