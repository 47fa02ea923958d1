import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { Environment } from "./cache";
import type { GoMod } from "./plan";

const run = promisify(execFile);

/** Said wherever something cannot be had because there is no Go toolchain. */
export const NO_GO = "no Go toolchain on PATH (https://go.dev/dl, 1.26 or newer)";

/** Something could not be had; the message is one line for the user, optionally followed by indented details. */
export class ToolError extends Error {}

/** @returns every executable file of this name on PATH, in PATH's order */
export function onPath(name: string, env: Environment): string[] {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A module in the user's Go module cache. */
export interface GoModule {
  /** Folder of its files. */
  Dir: string;
  /** Path of its go.mod. */
  GoMod: string;
}

/**
 * Brings a module into the user's Go module cache.
 *
 * @param module path@version
 * @throws ToolError when there is no Go, or the module cannot be had
 */
export async function downloadModule(module: string, env: Environment): Promise<GoModule> {
  const result = await go(["mod", "download", "-json", module], env);
  return JSON.parse(result) as GoModule;
}

/** @returns the content of a go.mod file. @throws ToolError when there is no Go */
export async function readGoMod(file: string, env: Environment): Promise<GoMod> {
  return JSON.parse(await go(["mod", "edit", "-json", file], env)) as GoMod;
}

async function go(args: string[], env: Environment): Promise<string> {
  if (onPath("go", env).length === 0) throw new ToolError(NO_GO);
  try {
    // The root folder has no go.mod, so that none of the surroundings has a say.
    const { stdout } = await run("go", args, { cwd: "/", env: { ...env, GOFLAGS: "-mod=mod", GOWORK: "off" } });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    const [reason = ""] = (jsonError(stdout) ?? (stderr || message)).trim().split("\n", 1);
    throw new ToolError(`go ${args.join(" ")} failed: ${reason}`);
  }
}

/** `go mod download -json` reports a failure inside its JSON. */
function jsonError(stdout: string): string | undefined {
  try {
    return (JSON.parse(stdout) as { Error?: string }).Error;
  } catch {
    return undefined;
  }
}
