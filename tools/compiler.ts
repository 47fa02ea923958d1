import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "./cache";
import { ToolError } from "./go";
import type { BuildPlan } from "./plan";

/** Where and with what a plan is carried out. */
export interface Compilation {
  /** Takes the plan's files. */
  folder: string;
  env: Environment;
  /** File that all the compiler's output is added to. */
  log: string;
  /** Ends it. */
  signal?: AbortSignal | undefined;
}

/**
 * Writes a plan's files, and runs its compiler with low priority.
 *
 * @throws ToolError when it does not succeed
 */
export async function compile(
  program: "go" | "cargo",
  plan: BuildPlan,
  { folder, env, log, signal }: Compilation,
): Promise<void> {
  for (const [path, text] of Object.entries(plan.files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const output = openSync(log, "a");
  try {
    const child = spawn(program, plan.arguments, {
      cwd: folder,
      env: { ...env, ...plan.environment },
      stdio: ["ignore", output, output],
      ...(signal && { signal }),
    });
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new ToolError(`${program} ${plan.arguments[0] ?? ""} ended with ${code ?? "a signal"}`);
  } finally {
    closeSync(output);
  }
}
