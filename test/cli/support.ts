import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(__dirname, "..", "..");

/** What a run of `noetl-ops` ended with. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `noetl-ops ARGS` as a user does, in a process of its own, with an empty environment.
 *
 * @param env Variables it gets. Default: PATH only.
 */
export function noetlOps(
  args: string[],
  { env = {}, cwd = ROOT }: { env?: Record<string, string>; cwd?: string } = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
    cwd,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
