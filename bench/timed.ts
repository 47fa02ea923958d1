import { spawnSync } from "node:child_process";

/** What a command with all that it started took, in seconds. */
export interface Timed {
  /** From start to exit. */
  wall: number;
  /** User and system time: what it takes on a machine that does other things as well. */
  cpu: number;
}

/** What a command runs in. */
export interface Surroundings {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a command once, cold, through bash, which counts the processor time of all its processes.
 *
 * @throws Error with what it printed, when it fails
 */
export function timed(command: readonly string[], { cwd, env }: Surroundings): Timed {
  const script = 'TIMEFORMAT="timed %R %U %S"; time "$@"';
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], {
    cwd,
    env: { ...env, LC_ALL: "C" },
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const [, wall, user, system] = /^timed ([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? [];
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${String(status)}:\n${stdout}${stderr}`);
  return { wall: Number(wall), cpu: Number(user) + Number(system) };
}
