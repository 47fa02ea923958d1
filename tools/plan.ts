import { createHash } from "node:crypto";
import type { Recipe } from "./catalog";
import { planCrate, type RustRecipe } from "./rust";

/** What `go mod edit -json` tells of a go.mod file, as far as it is used here. */
export interface GoMod {
  Go?: string;
  Require?: { Path: string; Version: string }[] | null;
  Replace?: { Old: { Path: string }; New: { Path: string; Version?: string } }[] | null;
}

/** Everything needed to run one build, except a place for it. */
export interface BuildPlan {
  /** Files of the temporary module: path in it → text. */
  files: Record<string, string>;
  /** Arguments of `go`; the executables go to the folder `bin` of the temporary module. */
  arguments: string[];
  /** Variables set on top of the user's environment. */
  environment: Record<string, string>;
}

// Static executables without a C compiler, and no need for a complete go.sum: the checksum database guards downloads.
const ENVIRONMENT = { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off" };

const MODULE = "noetl.local/tools";

/**
 * Names a recipe's folder in the cache: its version and a hash of all that decides the result.
 *
 * @example versionKey(RECIPES.etcd) // "v3.6.16-1f0e9a3b52c4"
 */
export function versionKey(recipe: Recipe | RustRecipe): string {
  const machine = { os: process.platform, cpu: process.arch };
  const decides =
    "crate" in recipe
      ? { plan: planCrate(recipe), ...machine }
      : { recipe, build: buildArguments(recipe), ENVIRONMENT, ...machine };
  const hash = createHash("sha256").update(JSON.stringify(decides)).digest("hex");
  return `${recipe.version}-${hash.slice(0, 12)}`;
}

/**
 * Plans the build of a recipe in a small module of its own that requires the recipe's module.
 *
 * @param goMod the go.mod of the recipe's module at its version
 */
export function planBuild(recipe: Recipe, goMod: GoMod): BuildPlan {
  const mains = Object.entries(recipe.mains ?? {}).map(([name, source]) => [`${name}/main.go`, source] as const);
  return {
    files: { "go.mod": wrapperModule(recipe, goMod), ...Object.fromEntries<string>(mains) },
    arguments: buildArguments(recipe),
    environment: ENVIRONMENT,
  };
}

/**
 * The go.mod of the temporary module. Go ignores the replacements of a required module, so those that name a version
 * are repeated; those that name a folder hold for the module's own repository only, and are released separately.
 */
function wrapperModule(recipe: Recipe, goMod: GoMod): string {
  const required = new Map((goMod.Require ?? []).map(({ Path, Version }) => [Path, Version]));
  const replacements = (goMod.Replace ?? []).flatMap(({ Old, New }) => {
    if (New.Version !== undefined) return [`replace ${Old.Path} => ${New.Path} ${New.Version}`];
    const unreleased = required.get(Old.Path) === "v0.0.0" && recipe.stagingVersion !== undefined;
    return unreleased ? [`replace ${Old.Path} => ${Old.Path} ${recipe.stagingVersion}`] : [];
  });
  const lines = [
    `module ${MODULE}`,
    ...(goMod.Go === undefined ? [] : [`go ${goMod.Go}`]),
    `require ${recipe.module} ${recipe.version}`,
    ...replacements,
  ];
  return `${lines.join("\n")}\n`;
}

function buildArguments(recipe: Recipe): string[] {
  const variables = Object.entries(recipe.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const own = Object.keys(recipe.mains ?? {}).map((name) => `${MODULE}/${name}`);
  return [
    "build",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    ["-s", "-w", ...variables].join(" "),
    "-o",
    "bin/",
    ...own,
    ...(recipe.packages ?? []),
  ];
}
