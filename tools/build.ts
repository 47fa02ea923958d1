import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type BuildPlace, buildPlace, type Environment } from "./cache";
import { type RecipeName, RECIPES } from "./catalog";
import { downloadModule, readGoMod, runGo, ToolError } from "./go";
import { isAlive, withLock } from "./lock";
import { planBuild } from "./plan";
import type { Progress } from "./progress";

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
export async function buildRecipe(name: RecipeName, options: BuildOptions): Promise<BuildPlace> {
  const place = buildPlace(name, options.env);
  if (existsSync(place.home)) return place;

  mkdirSync(dirname(place.home), { recursive: true });
  const task = options.progress(`${name} ${RECIPES[name].version}`, "building");
  const buildOnce = async (): Promise<void> => {
    if (!existsSync(place.home)) await build(name, place, options);
  };
  try {
    await withLock(place.lock, buildOnce, (pid) => {
      task.now(`waiting for process ${pid}, which builds it`);
    });
  } catch (error) {
    task.failed();
    throw error;
  }
  task.done();
  return place;
}

async function build(name: RecipeName, place: BuildPlace, { env, signal }: BuildOptions): Promise<void> {
  const recipe = RECIPES[name];
  removeAbandoned(place);
  writeFileSync(place.log, "");
  const draft = draftFolder(place, process.pid);
  const module = join(draft, "module");
  try {
    const source = await downloadModule(`${recipe.module}@${recipe.version}`, env);
    const plan = planBuild(recipe, await readGoMod(source.GoMod, env));
    for (const [path, text] of Object.entries(plan.files)) {
      mkdirSync(dirname(join(module, path)), { recursive: true });
      writeFileSync(join(module, path), text);
    }
    await runGo(plan.arguments, { folder: module, env: { ...env, ...plan.environment }, log: place.log, signal });

    const home = join(draft, "home");
    mkdirSync(join(home, "files"), { recursive: true });
    renameSync(join(module, "bin"), join(home, "bin"));
    for (const file of recipe.files ?? []) copyFileSync(join(source.Dir, file), join(home, "files", basename(file)));
    publish(home, place.home);
  } catch (error) {
    const reason = signal?.aborted === true ? "interrupted" : (error as Error).message;
    appendFileSync(place.log, `${reason}\n`);
    throw new ToolError(`cannot build ${name} ${recipe.version}: ${reason}; log: ${place.log}${logTail(place.log)}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

const DRAFT = ".draft-";

function draftFolder({ home }: BuildPlace, pid: number): string {
  return `${home}${DRAFT}${pid}`;
}

/** A killed build leaves its draft behind. */
function removeAbandoned(place: BuildPlace): void {
  for (const name of readdirSync(dirname(place.home))) {
    const [key, pid] = name.split(DRAFT);
    if (key !== basename(place.home) || pid === undefined || isAlive(Number(pid))) continue;
    rmSync(draftFolder(place, Number(pid)), { recursive: true, force: true });
  }
}

function publish(draft: string, home: string): void {
  try {
    renameSync(draft, home);
  } catch (error) {
    // Another process has published the same build meanwhile.
    if (!existsSync(home)) throw error;
  }
}

function logTail(log: string): string {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  // The last line is the reason, which the message already tells.
  const shown = lines.slice(0, -1).slice(-LOG_LINES_SHOWN);
  return shown.map((line) => `\n    ${line}`).join("");
}
