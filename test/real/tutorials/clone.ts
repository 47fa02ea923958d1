import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/support";
import { type Step, stepsOf } from "../../docs/page";
import { Tutorial } from "../../docs/tutorial";

/** The program, and what `noetl-ops` is made of. */
const TOOLS = [
  ...["index.ts", "bundle.cjs", "package.json", "package-lock.json", "stacks", "components"],
  ...["index.cjs", "cli", "preview", "operations", "orchestrator"],
];

/** The steps of a tutorial. */
export const stepsIn = (name: string): Step[] => stepsOf(`docs/tutorials/${name}.md`);

/**
 * A whole clone, in which `npm ci` has been done.
 *
 * @param env further variables of all commands
 */
export function clone(env: Record<string, string> = {}): Tutorial {
  const made = new Tutorial(env);
  for (const source of TOOLS) cpSync(join(ROOT, source), join(made.folder, source), { recursive: true });
  const [installed, modules] = [join(ROOT, "node_modules"), join(made.folder, "node_modules")];
  mkdirSync(modules);
  for (const name of readdirSync(installed)) {
    if (name === ".bin" || !name.startsWith(".")) symlinkSync(join(installed, name), join(modules, name));
  }
  writeFileSync(join(made.folder, ".gitignore"), "node_modules\n");
  return made;
}

/** Does steps one after the other, in a clone with one commit. */
export async function walk(tutorial: Tutorial, steps: readonly Step[]): Promise<void> {
  await tutorial.commit();
  for (const step of steps) await tutorial.do(step);
}
