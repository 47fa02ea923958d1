import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nearest } from "./nearest";
import { ConfigError, type ConfigProblem } from "./problem";

const MAX_BYTES = 2 ** 20;

/** Matches the name of a stack file; its first group is the stack. */
export const STACK_FILE = /^Pulumi\.([A-Za-z0-9_.-]{1,100})\.ya?ml$/;

/** Stack files in a folder, sorted by name. An unreadable folder has none. */
export function stackFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => STACK_FILE.test(name))
      .sort();
  } catch {
    return [];
  }
}

/**
 * The text of a stack file.
 *
 * @throws ConfigError when it is missing, unreadable, too large or no text.
 */
export function readFileText(file: string): string {
  const fail = (problem: Omit<ConfigProblem, "path">): never => {
    throw new ConfigError(file, [{ path: file, ...problem }]);
  };
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return fail({ message: "is a directory", ...filesIn(file) });
    if (!stat.isFile()) return fail({ message: "is not a regular file", allowed: "a file Pulumi.<stack>.yaml" });
    if (stat.size > MAX_BYTES) {
      return fail({ message: `has ${stat.size} bytes, too many for a stack file`, allowed: "at most 1 MiB" });
    }
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return fail(systemProblem(file, error));
  }
  return decode(bytes) ?? fail({ message: "is not a text file", allowed: "YAML in UTF-8" });
}

function decode(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function systemProblem(file: string, error: unknown): Omit<ConfigProblem, "path"> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return { message: "there is no such file", ...filesIn(dirname(file), basename(file)) };
  }
  if (code === "EACCES" || code === "EPERM")
    return { message: "cannot be read: permission denied", allowed: "a readable file" };
  return { message: `cannot be read (${code ?? "for an unknown reason"})`, allowed: "a readable file" };
}

/** Tells which stack files a folder has, and which of them has a name like the wanted one. */
function filesIn(folder: string, wanted?: string): Pick<ConfigProblem, "allowed" | "suggestion"> {
  const files = stackFilesIn(folder).map((name) => join(folder, name));
  if (files.length === 0) return { allowed: `a file Pulumi.<stack>.yaml; ${folder} has none` };
  const suggestion = wanted === undefined ? undefined : nearest(join(folder, wanted), files);
  return { allowed: files.join(", "), ...(suggestion !== undefined && { suggestion }) };
}
