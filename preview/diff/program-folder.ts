import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Repository, Revision } from "./git";

/** What a render depends on beside the stack file: the program, and what reads and records it. */
const PROGRAM = ["bundle.cjs", "components", "index.ts", "package.json", "package-lock.json", "preview", "stacks"];

/** Programs of other revisions that are kept. */
const MOST_KEPT = 8;

const USED = ".used";

/** The program of a revision, or why it cannot be run here. */
export type RevisionProgram =
  /** It is the one that runs now. */
  | { kind: "this" }
  /** @property id the same for every revision with the same program */
  | { kind: "other"; id: string; folder: string }
  | { kind: "none"; reason: string };

/**
 * Finds the program of a revision: the running one when nothing of it differs, else a copy in the cache, which borrows
 * the installed dependencies.
 *
 * @param project Folder of the working tree.
 * @param cache Folder that may hold copies; made when it is missing.
 */
export async function programOf(
  repository: Repository,
  revision: Revision,
  project: string,
  cache: string,
): Promise<RevisionProgram> {
  if (await repository.isHere(revision, PROGRAM)) return { kind: "this" };
  const hashes = await repository.hashes(revision, PROGRAM);
  for (const needed of ["bundle.cjs", "package-lock.json"]) {
    if (!hashes.has(needed)) return { kind: "none", reason: `it has no ${needed}` };
  }
  const lock = (await repository.file(revision, "package-lock.json")) ?? "";
  if (!hasDependencies(lock, readFileSync(join(project, "package-lock.json"), "utf8"))) {
    return { kind: "none", reason: "it has other dependencies than are installed" };
  }
  const id = createHash("sha256")
    .update(JSON.stringify([project, ...hashes]))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, "programs", id);
  if (existsSync(folder)) touch(folder);
  else
    await makeFolder(folder, join(project, "node_modules"), (into) =>
      repository.extract(revision, [...hashes.keys()], into),
    );
  return { kind: "other", id, folder };
}

/** Whether two lock files install the same packages, as far as a program needs them: tools for development may differ. */
function hasDependencies(wanted: string, installed: string): boolean {
  return wanted === installed || isDeepStrictEqual(packagesOf(wanted), packagesOf(installed));
}

function packagesOf(lock: string): unknown {
  try {
    const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, { version?: string; dev?: boolean }> };
    const needed = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
    return Object.fromEntries(needed.map(([path, { version }]) => [path, version]));
  } catch {
    return lock;
  }
}

/** Made aside and renamed, so that nobody ever finds half a program. */
async function makeFolder(folder: string, modules: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    await fill(temporary);
    borrowModules(modules, join(temporary, "node_modules"));
    touch(temporary);
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  }
  forgetOld(parent);
}

/** A folder of links, not one link: what is cached below node_modules stays the program's own. */
function borrowModules(modules: string, borrowed: string): void {
  mkdirSync(borrowed);
  for (const name of readdirSync(modules)) {
    if (!name.startsWith(".")) symlinkSync(join(modules, name), join(borrowed, name), "junction");
  }
}

/** Tells that a program was used: the time of this file. */
function touch(folder: string): void {
  writeFileSync(join(folder, USED), "");
}

function forgetOld(parent: string): void {
  const byAge = readdirSync(parent)
    .map((name) => ({ path: join(parent, name), used: usedAt(join(parent, name)) }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of byAge.slice(MOST_KEPT)) rmSync(path, { recursive: true, force: true });
}

function usedAt(folder: string): number {
  // One that is being made has no such file yet.
  return statSync(join(folder, USED), { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
}
