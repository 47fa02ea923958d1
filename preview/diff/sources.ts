import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../stacks/errors";
import { readRendered } from "../rendered-folder";
import type { RenderedFiles } from "../manifests";
import { revisionText, type Repository, type Revision } from "./git";

/** One side of a comparison, as it was named. */
export type Source =
  /** The files of the project as they are now. */
  | { kind: "tree" }
  | { kind: "revision"; revision: Revision }
  /** One stack file, rendered by the program that runs now. */
  | { kind: "file"; path: string }
  /** Renders that `noetl-ops preview --out` wrote, by their stacks. */
  | { kind: "folder"; path: string; renders: Map<string, RenderedFiles> };

/**
 * What a name on the command line stands for: a stack file, a folder with renders, else a git revision. `heads/NAME` is
 * always a branch.
 *
 * @param repository Opens the history of the project, when it is needed.
 * @throws UserError when it stands for nothing
 */
export async function sourceOf(name: string, repository: () => Promise<Repository>): Promise<Source> {
  if (name.trim() === "") {
    throw new UserError(
      "the name of a side is empty: perhaps a variable that is not set\nnext: name a revision, a stack file or a folder with a render",
    );
  }
  if (/\.ya?ml$/.test(name)) return { kind: "file", path: name };
  if (existsSync(name) && statSync(name).isDirectory()) {
    const renders = rendersIn(name);
    if (renders.size > 0) return { kind: "folder", path: name, renders };
    if (/^(\.{0,2}|~.*)[\\/]/.test(name) || name.endsWith("/")) {
      throw new UserError(
        `${name} holds no render\nnext: write one there: noetl-ops preview --stack kind --out ${join(name, "kind")}`,
      );
    }
  }
  return { kind: "revision", revision: await (await repository()).revision(name) };
}

/** The name of a side, for people. */
export async function sourceText(source: Source, repository: () => Promise<Repository>): Promise<string> {
  if (source.kind === "revision") return revisionText(source.revision);
  if (source.kind !== "tree") return source.path;
  let changed: string[];
  try {
    changed = await (await repository()).changedFiles();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return TREE;
  }
  if (changed.length === 0) return `${TREE} (nothing uncommitted)`;
  const more = changed.length > 2 ? `, and ${changed.length - 2} more` : "";
  return `${TREE} (uncommitted: ${changed.slice(0, 2).join(", ")}${more})`;
}

const TREE = "the working tree";

/** The render in a folder, or those in its folders, by their stacks. */
function rendersIn(path: string): Map<string, RenderedFiles> {
  const folders = [path, ...readdirSync(path).map((name) => join(path, name))];
  const renders = new Map<string, RenderedFiles>();
  for (const folder of folders) {
    // A link may lead nowhere.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    const files = readRendered(folder) ?? new Map<string, string>();
    const stack = stackIn(files);
    if (stack !== undefined && !renders.has(stack)) renders.set(stack, files);
  }
  return renders;
}

/** The stack that a render was made of, from the first line of a file of it. */
function stackIn(files: RenderedFiles): string | undefined {
  const [text = ""] = files.values();
  return /^# urn:pulumi:([^:\n]+)::/.exec(text)?.[1];
}

/** The two sides that a command line names: `BEFORE AFTER`, `BEFORE` against the working tree, `A..B`, `A...B`. */
export async function namedSources(
  before: string,
  after: string | undefined,
  repository: () => Promise<Repository>,
): Promise<[Source, Source]> {
  const [, one = "", dots = "", other = ""] = /^(.*?[^./])?(\.{2,3})([^./].*)?$/.exec(before) ?? [];
  if (after !== undefined || one + other === "" || /\.ya?ml$/.test(before)) {
    return [
      await sourceOf(before, repository),
      after === undefined ? { kind: "tree" } : await sourceOf(after, repository),
    ];
  }
  const git = await repository();
  const [left, right] = [await git.revision(one || "HEAD"), await git.revision(other || "HEAD")];
  return [
    { kind: "revision", revision: dots === "..." ? await git.mergeBase(left, right) : left },
    { kind: "revision", revision: right },
  ];
}
