import { homedir } from "node:os";
import { join } from "node:path";
import { type AnyRecipeName, recipeOf } from "./catalog";
import { versionKey } from "./plan";

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder where everything built or derived is kept: `noetl-platform` in the user's cache folder (XDG). */
export function cacheFolder(env: Environment): string {
  // The XDG specification says to ignore a relative path.
  const xdg = env.XDG_CACHE_HOME?.startsWith("/") === true ? env.XDG_CACHE_HOME : undefined;
  return join(xdg ?? join(env.HOME ?? homedir(), ".cache"), "noetl-platform");
}

/** Where a recipe's build is, or will be. */
export interface BuildPlace {
  /** Version of the recipe, without the `v`. */
  version: string;
  /** The finished build. It exists only when it is whole. */
  home: string;
  /** Holds the executables. */
  bin: string;
  /** Holds the recipe's files. */
  files: string;
  /** What `go` said in the last build. */
  log: string;
}

/** @returns the places of a recipe's build in the cache of this environment */
export function buildPlace(recipe: AnyRecipeName, env: Environment): BuildPlace {
  const home = join(cacheFolder(env), "tools", recipe, versionKey(recipeOf(recipe)));
  return {
    version: recipeOf(recipe).version.replace(/^v/, ""),
    home,
    bin: join(home, "bin"),
    files: join(home, "files"),
    log: `${home}.log`,
  };
}
