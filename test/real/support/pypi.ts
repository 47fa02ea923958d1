import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../../tools/cache";

/** A Python that has a package. */
export interface Python {
  command: string;
  env: NodeJS.ProcessEnv;
}

/** A package of PyPI. */
export interface PythonPackage {
  /** `NAME==VERSION`. */
  requirement: string;
  /** Module that is there when the package is. */
  module: string;
  /** Whether it comes with what it requires. */
  whole: boolean;
}

/**
 * Gets a package from PyPI, once for this machine.
 *
 * @returns why it cannot be had, where it cannot
 */
export function pythonWith({ requirement, module, whole }: PythonPackage): Python | string {
  const folder = join(cacheFolder(process.env), "python", requirement.replace("==", "-"));
  const env = { PATH: process.env.PATH, PYTHONPATH: folder };
  try {
    if (!existsSync(folder)) install(requirement, whole ? [] : ["--no-deps"], folder);
    execFileSync("python3", ["-c", `import ${module}`], { env, stdio: "pipe" });
    return { command: "python3", env };
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return `no ${requirement}: ${reason}`;
  }
}

/** The folder appears whole or not at all. */
function install(requirement: string, more: readonly string[], folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-draft-`);
  try {
    const options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", ...more];
    execFileSync("python3", ["-m", "pip", "install", ...options, "--target", draft, requirement], { stdio: "pipe" });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
