import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { projectFolder } from "../../preview/project-folder";
import { ran } from "../cli/ran";
import { ROOT } from "../cli/support";
import { patternOf, type Step } from "./page";

const run = promisify(execFile);

/** What a reader edits, and what commands read beside it; the program is the one that runs. */
const COPIED = ["Pulumi.yaml", "Pulumi.kind.yaml", "Pulumi.gke.yaml", "Pulumi.gke-base.yaml", "rendered", "examples"];
const READ = ["docs/runbooks"];

const IDENTITY = { name: "Reader", email: "reader@example.com" };

/** A clean clone, in which the steps of a page are done one after the other; `npx noetl-ops` is about it. */
export class Tutorial {
  private readonly home = mkdtempSync(join(tmpdir(), "noetl-tutorial-"));
  readonly folder = join(this.home, "platform");
  /** Variables of all commands. */
  readonly env: Record<string, string>;

  /**
   * @param env further variables of all commands
   * @param replaced what of the page's text is otherwise here: an address, say
   */
  constructor(
    env: Record<string, string> = {},
    public replaced: Readonly<Record<string, string>> = {},
  ) {
    for (const name of [...COPIED, ...READ]) cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
    const npx = join(this.home, "bin", "npx");
    mkdirSync(dirname(npx));
    // Without a look at the registry; noetl-ops is the clone's own, where it has one.
    const bin = `bin="${join(this.folder, "cli/bin.cjs")}"; test -e "$bin" || bin="${join(ROOT, "cli/bin.cjs")}"`;
    writeFileSync(
      npx,
      `#!/bin/sh\ntool=$1; shift\n[ "$tool" = noetl-ops ] || exec "node_modules/.bin/$tool" "$@"\n${bin}\nexec "${process.execPath}" "$bin" "$@"\n`,
    );
    chmodSync(npx, 0o755);
    const { PATH = process.env.PATH ?? "", ...others } = env;
    this.env = {
      PATH: `${dirname(npx)}:${PATH}`,
      HOME: this.home,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: IDENTITY.name,
      GIT_AUTHOR_EMAIL: IDENTITY.email,
      GIT_COMMITTER_NAME: IDENTITY.name,
      GIT_COMMITTER_EMAIL: IDENTITY.email,
      ...others,
    };
  }

  /** Makes it a checkout with one commit. */
  async commit(): Promise<void> {
    await this.shell("git init --quiet --initial-branch=main && git add --all && git commit --quiet --message first");
  }

  /** Does one step, and compares what a command prints with what the page shows. */
  async do(step: Step): Promise<void> {
    if (step.kind === "command") {
      const printed = await this.printed(this.here(step.command));
      expect(printed.trimEnd()).toMatch(patternOf(this.here(step.output)));
      return;
    }
    const file = join(this.folder, step.name);
    if (step.kind === "file") {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, this.here(step.text));
      return;
    }
    const text = readFileSync(file, "utf8");
    expect(text.split(step.before)).toHaveLength(2);
    writeFileSync(
      file,
      text.replace(step.before, () => step.after),
    );
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  private async printed(command: string): Promise<string> {
    const args = /^npx noetl-ops ((?:[\w./:@=,-]|[[\]{}]| |'[^']*')*)$/.exec(command)?.[1];
    if (args === undefined || existsSync(join(this.folder, "cli"))) return this.shell(command);
    // Else it would edit this project.
    expect(projectFolder()).not.toBe(ROOT);
    const words = [...args.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const { stdout, stderr } = await ran(words, { env: this.env });
    return stdout + stderr;
  }

  /** What a command prints as a shell runs it; a failure is one of the page's, and shows in what it prints. */
  private async shell(command: string): Promise<string> {
    const options = { cwd: this.folder, env: this.env };
    const { stdout, stderr } = await run("sh", ["-c", command], options).catch((error: unknown) => error as Failed);
    return stdout + stderr;
  }

  private here(text: string): string {
    return Object.entries(this.replaced).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  }
}

interface Failed {
  stdout: string;
  stderr: string;
}
