import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
 * @param input What it can read. Default: nothing.
 */
export function noetlOps(
  args: string[],
  { env = {}, cwd = ROOT, input = "" }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
    cwd,
    input,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** How a run beside this process goes. */
interface BesideOptions {
  /** Ends the run as soon as enough of the output has come. */
  enough?: (stdout: string) => boolean;
  /** Variables it gets beside PATH. */
  env?: Record<string, string>;
  /** Gets each piece of output, and a way to write to the run. */
  onOutput?: (stdout: string, write: (text: string) => void) => void;
}

/** Like {@link noetlOps}, but beside this process, which can answer it meanwhile. */
export async function beside(args: string[], { enough, env = {}, onOutput }: BesideOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  child.stdout.on("data", (text: Buffer) => {
    stdout += text.toString();
    onOutput?.(stdout, (line) => child.stdin.end(line));
    if (enough?.(stdout) === true) child.kill("SIGINT");
  });
  await once(child, "close");
  return { status: child.exitCode, stdout, stderr };
}
