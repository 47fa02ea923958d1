import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./cache";
import { compile } from "./compiler";
import { onPath, ToolError } from "./go";
import type { BuildPlan } from "./plan";

/** Said wherever something cannot be had because there is no Rust toolchain. */
export const NO_RUST = "no Rust toolchain on PATH (https://rustup.rs, 1.90 or newer)";

/** How a tool is built from one Rust crate, through a small crate of its own. */
export interface RustRecipe {
  /** Name of the crate. */
  crate: string;
  /** Its exact version. */
  version: string;
  /** Of the crate; its default ones are left out. */
  features: readonly string[];
  /** Name of the executable. */
  executable: string;
  /** Source of its main file. */
  main: string;
  /** Flags of the compiler, for all crates. */
  rustflags: string;
}

/** Name of a recipe of a Rust crate, and of its folder in the cache. */
export type RustRecipeName = "surrealdb";

export const RUST_RECIPES: Readonly<Record<RustRecipeName, RustRecipe>> = {
  surrealdb: {
    crate: "surrealdb-server",
    version: "3.3.5",
    features: ["storage-mem", "storage-surrealkv", "http"],
    executable: "surreal",
    main: `fn main() -> std::process::ExitCode {
    surrealdb_server::init(surrealdb_server::core::CommunityComposer())
}
`,
    rustflags: "--cfg surrealdb_unstable",
  },
};

// A test's server need not be quick, and optimising takes most of the time.
const PROFILE = `opt-level = 1
debug = false
strip = true
lto = false
codegen-units = 16
panic = "unwind"
incremental = false
`;

/** Plans the build of a recipe. */
export function planCrate({ crate, version, features, executable, main, rustflags }: RustRecipe): BuildPlan {
  const asked = features.map((feature) => JSON.stringify(feature)).join(", ");
  return {
    files: {
      "Cargo.toml": `[package]
name = "${executable}"
version = "0.0.0"
edition = "2021"
publish = false

[[bin]]
name = "${executable}"
path = "src/main.rs"

[dependencies]
${crate} = { version = "=${version}", default-features = false, features = [${asked}] }

[profile.release]
${PROFILE}
[workspace]
`,
      "src/main.rs": main,
    },
    arguments: ["build", "--release"],
    environment: { RUSTFLAGS: rustflags },
  };
}

/**
 * Builds a recipe. With CARGO_TARGET_DIR, what is compiled stays there, and is not compiled again.
 *
 * @param draft becomes the finished build
 * @throws ToolError when there is no Rust, or it does not succeed
 */
export async function buildCrate(
  recipe: RustRecipe,
  { draft, log, env, signal }: { draft: string; log: string; env: Environment; signal: AbortSignal | undefined },
): Promise<void> {
  if (onPath("cargo", env).length === 0) throw new ToolError(NO_RUST);
  const plan = planCrate(recipe);
  const crate = join(draft, "crate");
  const target = env.CARGO_TARGET_DIR ?? join(crate, "target");
  await compile("cargo", plan, { folder: crate, env: { ...env, CARGO_TARGET_DIR: target }, log, signal });

  for (const folder of ["bin", "files"]) mkdirSync(join(draft, folder));
  copyFileSync(join(target, "release", recipe.executable), join(draft, "bin", recipe.executable));
  rmSync(crate, { recursive: true });
}
