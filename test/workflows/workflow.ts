import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { ROOT } from "../cli/support";

const run = promisify(execFile);

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}

interface Job {
  permissions: Record<string, string>;
  environment?: string;
  needs?: string;
  if?: string;
  strategy?: { matrix: Record<string, unknown> };
  steps: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

export const WORKFLOWS = join(ROOT, ".github", "workflows");
export const textOf = (name: string): string => readFileSync(join(WORKFLOWS, name), "utf8");
export const workflow = (name: string): Workflow => parse(textOf(name)) as Workflow;
export const jobOf = (name: string, job: string): Job => workflow(name).jobs[job] ?? { permissions: {}, steps: [] };

/** Where a step runs. */
export interface Runner {
  /** Folder for the script. */
  folder: string;
  /** The checkout. */
  project: string;
  env: Record<string, string>;
}

/** Runs the script of a step as a runner does. @returns its standard output */
export async function runStep(
  file: string,
  job: string,
  name: string,
  { folder, project, env }: Runner,
): Promise<string> {
  const found = jobOf(file, job).steps.find((step) => step.name === name);
  if (found?.run === undefined) throw new Error(`${file} has no step ${name} in ${job}`);
  const script = join(folder, "step.sh");
  writeFileSync(script, found.run);
  const shell = ["--noprofile", "--norc", "-eo", "pipefail", script];
  return (await run("bash", shell, { cwd: project, env })).stdout;
}
