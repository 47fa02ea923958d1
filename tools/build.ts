import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type BuildPlace, buildPlace, type Environment } from "./cache";
import { type AnyRecipeName, type RecipeName, RECIPES, recipeOf } from "./catalog";
import { compile } from "./compiler";
import { downloadModule, readGoMod, ToolError } from "./go";
import { makeOnce } from "./once";
import { planBuild } from "./plan";
import type { Progress } from "./progress";
import { buildCrate, RUST_RECIPES } from "./rust";

const LOG_LINES_SHOWN = 5;

/** What a build needs from its caller. */
export interface BuildOptions {
  env: Environment;
  progress: Progress;
  /** Ends a build that runs. */
  signal?: AbortSignal;
}

/**
 * Builds a recipe into the cache, unless it is there. Safe to run from several processes at once: one builds, the
 * others wait for it; a build appears in the cache whole or not at all.
 *
 * @returns the place of the finished build
 * @throws ToolError that names the log's place when the build fails
 */
export async function buildRecipe(name: AnyRecipeName, { env, progress, signal }: BuildOptions): Promise<BuildPlace> {
  const place = buildPlace(name, env);
  if (existsSync(place.home)) return place;

  const task = progress(`${name} ${recipeOf(name).version}`, "building");
  try {
    await makeOnce(
      place.home,
      (draft) =>
        logged(name, place, signal, async () => {
          const into = { draft, log: place.log, env, signal };
          await (name in RECIPES
            ? build(name as RecipeName, into)
            : buildCrate(RUST_RECIPES[name as keyof typeof RUST_RECIPES], into));
        }),
      (pid) => {
        task.now(`waiting for process ${pid}, which builds it`);
      },
    );
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
  return place;
}

interface Build {
  /** Becomes the finished build. */
  draft: string;
  log: string;
  env: Environment;
  signal: AbortSignal | undefined;
}

async function build(name: RecipeName, { draft, log, env, signal }: Build): Promise<void> {
  const recipe = RECIPES[name];
  const source = await downloadModule(`${recipe.module}@${recipe.version}`, env);
  const plan = planBuild(recipe, await readGoMod(source.GoMod, env));

  const module = join(draft, "module");
  await compile("go", plan, { folder: module, env, log, signal });

  renameSync(join(module, "bin"), join(draft, "bin"));
  rmSync(module, { recursive: true });
  mkdirSync(join(draft, "files"));
  for (const file of recipe.files ?? []) copyFileSync(join(source.Dir, file), join(draft, "files", basename(file)));
}

async function logged(
  name: AnyRecipeName,
  { log }: BuildPlace,
  signal: AbortSignal | undefined,
  action: () => Promise<void>,
): Promise<void> {
  writeFileSync(log, "");
  try {
    await action();
  } catch (error) {
    const reason = signal?.aborted === true ? "interrupted" : (error as Error).message;
    const tail = readFileSync(log, "utf8").split("\n").filter(Boolean).slice(-LOG_LINES_SHOWN);
    appendFileSync(log, `${reason}\n`);
    const details = tail.map((line) => `\n    ${line}`).join("");
    throw new ToolError(`cannot build ${name} ${recipeOf(name).version}: ${reason}; log: ${log}${details}`);
  }
}
