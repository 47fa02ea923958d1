import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { UserError } from "../../stacks/errors";

/** A commit, and how it was asked for. */
export interface Revision {
  /** As asked for: `main`, `HEAD~3`. */
  name: string;
  /** Full hash of the commit. */
  commit: string;
}

const run = promisify(execFile);

const WITHOUT = "next: compare with a folder instead, for example: noetl-ops diff rendered/kind";

/** The history of a project; only ever read. */
export class Repository {
  private constructor(private readonly project: string) {}

  /** @throws UserError without git, and outside a checkout */
  static async open(project: string): Promise<Repository> {
    const repository = new Repository(project);
    const inside = await repository.try("rev-parse", "--is-inside-work-tree");
    if (inside?.trim() === "true") return repository;
    throw new UserError(`${project} is no git checkout, so it has no revisions\n${WITHOUT}`);
  }

  /**
   * The commit that a name stands for.
   *
   * @throws UserError when there is none, with what to fetch in a shallow clone
   */
  async revision(name: string): Promise<Revision> {
    const commit = await this.try("rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
    if (commit === undefined) throw new UserError(await this.unknown(name));
    return { name, commit: commit.trim() };
  }

  /** Where two histories parted, as the base of a pull request: what `A...B` compares B with. */
  async mergeBase(one: Revision, other: Revision): Promise<Revision> {
    const commit = await this.try("merge-base", one.commit, other.commit);
    if (commit === undefined) {
      const shallow = await this.isShallow();
      throw new UserError(
        `${one.name} and ${other.name} have no commit in common${shallow ? ", as far as this shallow clone reaches" : ""}\n` +
          (shallow ? `next: ${UNSHALLOW}` : `next: compare them as they are: noetl-ops diff ${one.name} ${other.name}`),
      );
    }
    return { name: `${one.name}...${other.name}`, commit: commit.trim() };
  }

  /** Hashes of files and folders below the project at a commit, by their paths; those that are not there are left out. */
  async hashes({ commit }: Revision, paths: readonly string[] = ["."]): Promise<Map<string, string>> {
    const text = await this.git("ls-tree", "-z", commit, "--", ...paths.map((path) => (path === "." ? "./" : path)));
    return new Map(
      text.split("\0").flatMap((line): [string, string][] => {
        const [, hash, path] = /^\d+ \w+ (\w+)\t(.*)$/.exec(line) ?? [];
        return hash === undefined || path === undefined ? [] : [[path, hash]];
      }),
    );
  }

  /** The text of a file at a commit; undefined when it is not there. */
  file({ commit }: Revision, path: string): Promise<string | undefined> {
    return this.try("show", `${commit}:./${path}`);
  }

  /** Writes files and folders of a commit, which must be there, below a folder. */
  async extract({ commit }: Revision, paths: readonly string[], folder: string): Promise<void> {
    const archive = ["archive", "--format=tar", commit, "--", ...paths];
    const options = { cwd: this.project, encoding: "buffer", maxBuffer: 1 << 30 } as const;
    const { stdout } = await run("git", archive, options);
    const tar = run("tar", ["-x", "-C", folder], { maxBuffer: 1 << 20 });
    tar.child.stdin?.end(stdout);
    await tar;
  }

  /** Files below the project that differ from the last commit, or that it does not have. */
  async changedFiles(): Promise<string[]> {
    const text = await this.git("status", "--porcelain", "-z", "--no-renames", "--", ".");
    return text.split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
  }

  /** Whether files and folders of the working tree are those of a commit. */
  async isHere({ commit }: Revision, paths: readonly string[]): Promise<boolean> {
    const same = await this.try("diff", "--quiet", commit, "--", ...paths);
    if (same === undefined) return false;
    return (await this.git("ls-files", "--others", "--exclude-standard", "--", ...paths)) === "";
  }

  private async unknown(name: string): Promise<string> {
    const isEmpty = (await this.try("rev-parse", "--verify", "--quiet", "HEAD")) === undefined;
    if (isEmpty) return `the repository has no commit yet, so there is nothing to compare with\n${WITHOUT}`;
    const problem = `there is no revision '${name}', and no file or folder of that name`;
    if (await this.isShallow()) return `${problem}; this clone is shallow and may lack it\nnext: ${UNSHALLOW}`;
    const known = (await this.git("branch", "--all", "--format=%(refname:short)")).split("\n").filter(Boolean);
    const branches = known.slice(0, 8).join(", ") + (known.length > 8 ? ", …" : "");
    const named = branches === "" ? "" : ` (${branches})`;
    return `${problem}\nnext: name a commit, a tag or a branch${named}, or get it with git fetch`;
  }

  private async isShallow(): Promise<boolean> {
    return (await this.git("rev-parse", "--is-shallow-repository")).trim() === "true";
  }

  private async try(...args: string[]): Promise<string | undefined> {
    try {
      return await this.git(...args);
    } catch (error) {
      if (error instanceof UserError) throw error;
      return undefined;
    }
  }

  private async git(...args: string[]): Promise<string> {
    try {
      return (await run("git", args, { cwd: this.project, maxBuffer: 1 << 28 })).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new UserError(`a revision can only be read with git, which is not installed\n${WITHOUT}`);
    }
  }
}

const UNSHALLOW = "git fetch --unshallow; in GitHub Actions, actions/checkout with fetch-depth: 0";

/** `main (1a2b3c4)`; a hash stands for itself. */
export function revisionText({ name, commit }: Revision): string {
  const short = commit.slice(0, 7);
  return commit.startsWith(name) ? short : `${name} (${short})`;
}
