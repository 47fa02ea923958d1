import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { entryAt, type Entry } from "../../stacks/config/entry";
import type { Edit } from "../../stacks/config/edit";
import { lineBreakOf } from "../../stacks/config/edit-nodes";
import { formatPath, type Path } from "../../stacks/config/path";
import { parseYaml } from "../../stacks/config/yaml-text";
import { UserError } from "../../stacks/errors";

/** A value as Pulumi encrypted it. */
export interface Encrypted {
  /** The edit that stores it. */
  edit: Edit;
  /** What Pulumi has added to the top of the file with a stack's first secret: `encryptionsalt: …`. */
  topLevel: ReadonlyMap<string, string>;
}

/**
 * Encrypts a value with the secrets provider of a stack. Pulumi writes into a copy of the stack file, since it would move
 * comments and take blank lines out; only the cipher text is taken from there. The value goes through a pipe.
 *
 * @param text The stack file's text.
 * @param stack The stack's name; the backend that Pulumi is logged in to must know it.
 * @param pulumi The command. Default: `pulumi` on the PATH.
 * @throws UserError when Pulumi cannot be started or refuses
 */
export async function encrypt(
  value: string,
  path: Path,
  { file, text, stack, pulumi = "pulumi" }: { file: string; text: string; stack: string; pulumi?: string },
): Promise<Encrypted> {
  const folder = mkdtempSync(join(tmpdir(), "noetl-secret-"));
  try {
    const copy = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(copy, text, { mode: 0o600 });
    const key = formatPath(path);
    const options = ["--secret", "--path", key, "--config-file", copy, "--stack", stack, "--non-interactive"];
    await run(pulumi, ["config", "set", ...options], dirname(resolve(file)), value);
    return taken(path, text, readFileSync(copy, "utf8"), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function taken(path: Path, before: string, after: string, file: string): Encrypted {
  const [old, now] = [before, after].map((text) => parseYaml(text, file).root) as [Entry, Entry];
  const sealed = entryAt(now, ["config", ...path, "secure"]);
  if (sealed?.kind !== "scalar") throw new UserError(`pulumi has stored no encrypted value for ${formatPath(path)}`);
  const isPlain = entryAt(old, ["config", ...path])?.kind === "scalar";
  const edit: Edit = isPlain
    ? { kind: "set", path, value: { secure: sealed.text } }
    : { kind: "set", path: [...path, "secure"], value: sealed.text };
  return { edit, topLevel: new Map(newScalars(old, now)) };
}

function newScalars(old: Entry, now: Entry): [string, string][] {
  if (now.kind !== "map") return [];
  return [...now.children].flatMap(([key, entry]): [string, string][] =>
    entry.kind === "scalar" && entryAt(old, [key]) === undefined ? [[key, entry.text]] : [],
  );
}

/** Adds what Pulumi keeps beside the settings to the end of a stack file. */
export function withTopLevel(text: string, topLevel: ReadonlyMap<string, string>): string {
  const lineBreak = lineBreakOf(text);
  const lines = [...topLevel].map(([key, value]) => `${key}: ${value}${lineBreak}`);
  return lines.length === 0 ? text : text.replace(/(?<!\n)$/, lineBreak) + lines.join("");
}

function run(command: string, args: readonly string[], cwd: string, input: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio: ["pipe", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.once("error", (error: NodeJS.ErrnoException) => {
      const what = error.code === "ENOENT" ? `${command} is not on the PATH` : error.message;
      fail(
        new UserError(`a secret is encrypted by Pulumi, and ${what}\nnext: install Pulumi, or name it with --pulumi`),
      );
    });
    child.once("close", (code) => {
      if (code === 0) done();
      else
        fail(new UserError(`Pulumi has not encrypted the secret, and nothing was written:\n${shown(errors, input)}`));
    });
    // A command that ended early does not read any more; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

function shown(errors: string, secret: string): string {
  return errors.replaceAll(secret, "<secret>").trim().replaceAll(/^/gm, "  ");
}
