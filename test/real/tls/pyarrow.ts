import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../../tools/cache";

/** What serves Flight in the platform's Python server, and gRPC with BoringSSL behind it. */
const PYARROW = "pyarrow==26.0.1";

/** A Python that has pyarrow. */
export interface Python {
  command: string;
  env: NodeJS.ProcessEnv;
}

/**
 * Gets pyarrow from PyPI, once for this machine.
 *
 * @returns why it cannot be had, where it cannot
 */
export function pythonWithFlight(): Python | string {
  const folder = join(cacheFolder(process.env), "python", PYARROW.replace("==", "-"));
  const env = { PATH: process.env.PATH, PYTHONPATH: folder };
  try {
    if (!existsSync(folder)) install(folder);
    execFileSync("python3", ["-c", "import pyarrow.flight"], { env, stdio: "pipe" });
    return { command: "python3", env };
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return `no ${PYARROW}: ${reason}`;
  }
}

/** The folder appears whole or not at all. */
function install(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-draft-`);
  try {
    const options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--only-binary", ":all:"];
    execFileSync("python3", ["-m", "pip", "install", ...options, "--target", draft, PYARROW], { stdio: "pipe" });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
