import { open, realpath } from "node:fs/promises";
import { join, relative, resolve, isAbsolute } from "node:path";
import { stacksOf } from "../../preview/stack-location";
import { nearest } from "../../stacks/config/nearest";

/** Milliseconds for which a file that was found counts as there, for whoever only asks whether it is. */
const KNOWN_MS = 1000;
const MOST_KNOWN = 1000;

/** No stack file that people write comes near. */
const MOST_BYTES = 1024 * 1024;

/** Why a stack file is not to be had. `field`: the one of the request that names it. */
export class StackRefusal extends Error {
  override readonly name = "StackRefusal";

  constructor(
    readonly code: "stack-unknown" | "stack-refused" | "settings-unknown" | "settings-refused",
    readonly field: "infra" | "settings",
    message: string,
  ) {
    super(message);
  }
}

/** A stack file that was found. */
export interface FoundStack {
  stack: string;
  /** Absolute. */
  file: string;
}

/** The stacks that a service works on: those of one project folder, and of them those that are allowed. */
export class StackFolder {
  private readonly allowed: readonly RegExp[];
  private readonly known = new Map<string, number>();

  /**
   * @param folder Project folder: stack files lie in it.
   * @param patterns Stacks that may be worked on, `*` for any letters. Default: all.
   */
  constructor(
    readonly folder: string,
    patterns: readonly string[] = ["*"],
  ) {
    this.allowed = patterns.map(
      (pattern) => new RegExp(`^${pattern.replaceAll(/[^\w*-]/g, "\\$&").replaceAll("*", ".*")}$`),
    );
  }

  /**
   * Whether the stack's file was there a moment ago. Many tasks for the same stack look for it once in a while only;
   * whoever reads it looks again.
   */
  isKnown(stack: string, settings?: string): boolean {
    return performance.now() - (this.known.get(nameOf(stack, settings)) ?? -Infinity) < KNOWN_MS;
  }

  /** Refuses as `find` does, unless the file is known. @throws StackRefusal */
  async assertThere(stack: string, settings?: string): Promise<void> {
    if (this.isKnown(stack, settings)) return;
    const now = performance.now();
    await this.find(stack, settings);
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(nameOf(stack, settings), now);
  }

  /**
   * @param settings Stack file, relative to the project folder. Default: `Pulumi.<stack>.yaml`.
   * @throws StackRefusal
   */
  async find(stack: string, settings?: string): Promise<FoundStack> {
    if (!this.allowed.some((pattern) => pattern.test(stack))) {
      throw new StackRefusal("stack-refused", "infra", `this service does not work on stack ${stack}`);
    }
    const root = await realpath(this.folder);
    const name = settings ?? `Pulumi.${stack}.yaml`;
    if (isAbsolute(name) || leaves(root, resolve(root, name))) throw outside();
    let file: string;
    try {
      file = await realpath(join(root, name));
    } catch {
      throw settings === undefined ? this.unknown(stack) : missing(settings);
    }
    // A link may lead out of the folder.
    if (leaves(root, file)) throw outside();
    if (!/\.ya?ml$/.test(file)) {
      throw new StackRefusal("settings-refused", "settings", "settings must be a stack file, with the ending .yaml");
    }
    return { stack, file };
  }

  /** The text of a stack file. @throws StackRefusal */
  async read(stack: string, settings?: string): Promise<FoundStack & { text: string }> {
    const found = await this.find(stack, settings);
    const handle = await open(found.file, "r");
    try {
      const info = await handle.stat();
      if (!info.isFile() || info.size > MOST_BYTES) {
        throw new StackRefusal(
          "settings-refused",
          "settings",
          `settings must be a file of at most ${MOST_BYTES} bytes`,
        );
      }
      return { ...found, text: await handle.readFile("utf8") };
    } finally {
      await handle.close();
    }
  }

  private unknown(stack: string): StackRefusal {
    const stacks = stacksOf(this.folder).filter((name) => this.allowed.some((pattern) => pattern.test(name)));
    const known = stacks.length === 0 ? "there is none" : `there are: ${stacks.join(", ")}`;
    const meant = nearest(stack, stacks);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return new StackRefusal("stack-unknown", "infra", `there is no stack ${stack} (${known})${hint}`);
  }
}

function nameOf(stack: string, settings = ""): string {
  return `${stack} ${settings}`;
}

function leaves(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === ".." || way.startsWith("../") || isAbsolute(way);
}

function outside(): StackRefusal {
  return new StackRefusal("settings-refused", "settings", "settings must be a path below the project folder");
}

function missing(settings: string): StackRefusal {
  return new StackRefusal("settings-unknown", "settings", `the project folder has no file ${settings}`);
}
