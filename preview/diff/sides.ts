import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { firstLine, UserError } from "../../stacks/errors";
import type { PlatformConfig } from "../../stacks/schema";
import type { Platform } from "../checks";
import { fingerprintKey } from "../fingerprints";
import type { ResourceGraph } from "../graph";
import { loadFileText, loadStackFile } from "../lazy";
import type { RenderedFiles } from "../manifests";
import { readRendered } from "../rendered-folder";
import { formerRender } from "../rendered-graph";
import { stackFile, stacksOf } from "../stack-location";
import { revisionText, type Repository, type Revision } from "./git";
import { programOf } from "./program-folder";
import { programIn, ProgramError, thisProgram, type Program, type StackText } from "./programs";
import type { Source } from "./sources";

/** A stack on one side. */
export interface SideStack {
  graph: ResourceGraph;
  /** What it was rendered from; undefined when it was read from a folder. See {@link StackText}. */
  from?: { text: string; program: Program; config: PlatformConfig; former?: string };
  /** What a reader must know about it: that it is no fresh render, say. */
  notes: string[];
}

/** One side: its stacks, each of which may fail on its own. */
export interface Side {
  /** Names of its stacks, sorted. */
  stacks: string[];
  /** Whether it was named by a file or a folder, and so means these stacks only. */
  isOne: boolean;
  /** @throws UserError when the stack cannot be rendered, nor read */
  stack(name: string): Promise<SideStack>;
}

/** Where the two sides come from. */
export interface Place {
  /** Folder of the project. */
  project: string;
  /** Folder for programs of other revisions. */
  cache: string;
  repository: () => Promise<Repository>;
  /** A stack file that takes the place of the project's own. */
  stackFile?: string | undefined;
}

/** Opens sides, and shares programs between them. */
export class Sides {
  readonly #secretKey = fingerprintKey();
  readonly #here = thisProgram(this.#secretKey);
  readonly #others = new Map<string, Program>();

  constructor(private readonly place: Place) {}

  async open(source: Source): Promise<Side> {
    if (source.kind === "revision") return this.#ofRevision(source.revision);
    if (source.kind === "folder") return ofFolder(source.path, source.renders);
    const { project, stackFile: other } = this.place;
    const file = source.kind === "file" ? source.path : other;
    if (file !== undefined) {
      const name = loadStackFile().stackOf(file);
      return { stacks: [name], isOne: true, stack: () => this.#fromFile(name, file) };
    }
    return {
      stacks: stacksOf(project),
      isOne: false,
      stack: (name) => this.#fromFile(name, stackFile(project, name)),
    };
  }

  close(): void {
    for (const program of this.#others.values()) program.close();
  }

  async #fromFile(stack: string, file: string): Promise<SideStack> {
    return rendered({ stack, file, text: loadFileText().readFileText(file) }, this.#here);
  }

  async #ofRevision(revision: Revision): Promise<Side> {
    const { project, cache, stackFile: other } = this.place;
    const repository = await this.place.repository();
    const found = await programOf(repository, revision, project, cache);
    const program = found.kind === "this" ? this.#here : found.kind === "other" ? this.#in(found.folder) : undefined;
    const reason = found.kind === "none" ? found.reason : "";
    const text = other === undefined ? undefined : await textAt(repository, revision, project, other);
    const stacks = other === undefined ? await stacksAt(repository, revision) : [loadStackFile().stackOf(other)];
    return {
      stacks,
      isOne: false,
      stack: async (stack) => {
        const own = text ?? { text: (await repository.file(revision, `Pulumi.${stack}.yaml`)) ?? "", notes: [] };
        if (program === undefined) return committed(repository, revision, stack, reason);
        try {
          const side = await rendered({ stack, text: own.text }, program);
          return { ...side, notes: [...own.notes, ...side.notes] };
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          const why =
            error instanceof ProgramError
              ? `its program cannot be run: ${error.message}`
              : `its stack file has problems: ${firstLine(error.message)}`;
          return committed(repository, revision, stack, why);
        }
      },
    };
  }

  #in(folder: string): Program {
    const program = this.#others.get(folder) ?? programIn(folder, this.#secretKey);
    this.#others.set(folder, program);
    return program;
  }
}

async function rendered(from: StackText, program: Program): Promise<SideStack> {
  const { graph, config }: Platform = await program.render(from);
  return { graph, from: { text: from.text, program, config }, notes: [] };
}

function ofFolder(path: string, renders: Map<string, RenderedFiles>): Side {
  return {
    stacks: [...renders.keys()].sort(),
    isOne: true,
    stack: (stack) => readBack(stack, renders.get(stack) ?? new Map(), `${path}: `, []),
  };
}

/** The render that a revision has committed, for when its own program cannot make one. */
async function committed(repository: Repository, revision: Revision, stack: string, why: string): Promise<SideStack> {
  const name = revisionText(revision);
  const path = `rendered/${stack}`;
  const scratch = mkdtempSync(join(tmpdir(), "noetl-diff-"));
  try {
    if ((await repository.hashes(revision, [path])).size === 0) {
      throw new UserError(`${name}: ${why}; and it has no ${path} to compare with instead`);
    }
    await repository.extract(revision, [path], scratch);
    const files = readRendered(join(scratch, path)) ?? new Map<string, string>();
    const note = `${name} is not rendered anew but read from its committed ${path}, because ${why}`;
    return await readBack(stack, files, `${name}: `, [note]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function readBack(stack: string, files: RenderedFiles, where: string, notes: string[]): Promise<SideStack> {
  const { graph, unreadable } = await formerRender(files, { project: "noetl", stack, resources: [] });
  return {
    graph,
    notes: [
      ...notes,
      ...unreadable.map(({ path, reason }) => `${where}${path} cannot be read and is left out: ${reason}`),
    ],
  };
}

async function stacksAt(repository: Repository, revision: Revision): Promise<string[]> {
  const paths = [...(await repository.hashes(revision)).keys()];
  return paths.flatMap((path) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(path)?.[1] ?? []).sort();
}

/** The text of a stack file at a revision; a file that the revision does not have is the same on both sides. */
async function textAt(repository: Repository, revision: Revision, project: string, file: string) {
  const path = relative(project, resolve(file));
  const outside = path.startsWith("..") || isAbsolute(path);
  const text = outside ? undefined : await repository.file(revision, path);
  if (text !== undefined) return { text, notes: [] };
  if (!existsSync(file)) return { text: loadFileText().readFileText(file), notes: [] };
  const note = `${revisionText(revision)} has no ${file}: the file as it is now is rendered on both sides`;
  return { text: loadFileText().readFileText(file), notes: [note] };
}
