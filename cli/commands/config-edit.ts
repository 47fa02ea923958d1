import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Command } from "commander";
import { loadSettings } from "../../operations/settings/lazy";
import { loadStackFile } from "../../preview/lazy";
import { withProgress } from "../../preview/progress";
import type { Edit } from "../../stacks/config/edit";
import type { Path } from "../../stacks/config/path";
import { ConfigError } from "../../stacks/config/problem";
import { UserError } from "../../stacks/errors";
import { chosenFile, stackFileOption } from "../chosen-file";
import { today } from "../clock";
import { shortPath } from "../paths";
import { style } from "../terminal";

interface StackOptions {
  stack: string;
  stackFile?: string;
  json?: boolean;
}

function onStack(command: Command): Command {
  return command
    .option("--stack <name>", "the stack", "kind")
    .addOption(stackFileOption())
    .option("--json", "print it as JSON");
}

/** `noetl-ops config get`: a setting as the program takes it. */
export function getCommand(): Command {
  return onStack(new Command("get"))
    .description("Print a setting as the program takes it, defaults included. Secrets are never shown.")
    .argument("[path]", "the setting, for example server.replicas or noetl:workerPools[0].name (default: all)")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops config get server.replicas --stack gke
  noetl-ops config get workerPools[0] --json       with where it comes from: file, default or unset
  noetl-ops config get --stack gke                 everything, defaults included

Exit codes: 0 printed, 1 there is no such setting, or it is not set and has no default, 2 wrong usage.`,
    )
    .action((path: string | undefined, options: StackOptions) => {
      get(path, options);
    });
}

function get(path: string | undefined, options: StackOptions): void {
  const { effective, formatValue, parsePath, readFileText } = loadSettings();
  const file = chosenFile(options);
  const text = readFileText(file);
  const { config } = loadStackFile().parseStackFile(text, shortPath(file));
  const setting = effective(config, text, file, path === undefined ? [] : parsePath(path));
  if (options.json) process.stdout.write(`${JSON.stringify({ ...setting, value: setting.value ?? null }, null, 2)}\n`);
  else if (setting.origin === "unset") throw new UserError(`${setting.path} is not set, and has no default`);
  else process.stdout.write(formatValue(setting));
  if (setting.origin === "unset") process.exitCode = 1;
}

interface EditOptions extends StackOptions {
  dryRun?: boolean;
  force?: boolean;
}

interface SetOptions extends EditOptions {
  secret?: boolean;
  pulumi?: string;
}

function onEdit(command: Command): Command {
  return onStack(command)
    .option("--dry-run", "show everything and write nothing")
    .option("--force", "write also what breaks a rule of `noetl-ops check`");
}

const EDIT_HELP = `
The whole result is checked before anything is written; every other byte of the file stays: comments, order, quotes.
Nothing happens to the platform before the next pulumi up.`;

/** `noetl-ops config set`: changes settings of a stack file. */
export function setCommand(): Command {
  return onEdit(new Command("set"))
    .description("Change settings of a stack file, and show what an update would do then.")
    .argument("<path>", "the setting, for example server.replicas")
    .argument("[value...]", "its value, groups and lists as YAML; more pairs of path and value may follow")
    .option("--secret", "encrypt the value with Pulumi's secrets provider; it is asked for, or read from the input")
    .option("--pulumi <command>", "Pulumi's command, for --secret (default: pulumi on the PATH)")
    .addHelpText(
      "after",
      `${EDIT_HELP}

Examples:
  noetl-ops config set server.replicas 3 --stack gke
  noetl-ops config set server.flip shadow streams.mode declared --dry-run     several at once
  noetl-ops config set nats.nodeSelector '{ disk: ssd }'                      a group, as YAML
  noetl-ops config set --secret secrets.natsPassword --stack gke              asks for the value

Exit codes: 0 written, or nothing to change, 1 the result would not be valid, 2 wrong usage.`,
    )
    .action(set);
}

/** `noetl-ops config unset`: takes settings out of a stack file. */
export function unsetCommand(): Command {
  return onEdit(new Command("unset"))
    .description("Take settings out of a stack file, so that their defaults hold again.")
    .argument("<path...>", "the settings, for example server.pool.max")
    .addHelpText(
      "after",
      `${EDIT_HELP}
The comment on a setting's own line goes with it; comments above it stay.

Examples:
  noetl-ops config unset server.pool --stack gke
  noetl-ops config unset workerPools[1] --dry-run

Exit codes: 0 written, or nothing to change, 1 the result would not be valid, 2 wrong usage.`,
    )
    .action((paths: string[], options: EditOptions) => {
      const { parsePath } = loadSettings();
      return edit(options, () =>
        Promise.resolve(paths.map((path): Edit => ({ kind: "remove", path: parsePath(path) }))),
      );
    });
}

async function set(first: string, rest: string[], options: SetOptions, command: Command): Promise<void> {
  const { encrypt, entryAt, givenValue, parsePath, parseYaml, withTopLevel } = loadSettings();
  const words = [first, ...rest];
  if (options.secret) {
    if (words.length > 1)
      command.error("error: a secret is no argument, which shell histories keep: leave the value out");
    const path = parsePath(first);
    let topLevel: ReadonlyMap<string, string> = new Map();
    await edit(
      options,
      async (text, file) => {
        const { stack } = loadStackFile().parseStackFile(text, file);
        const { pulumi } = options;
        const value = await askSecret(first);
        const sealed = await encrypt(value, path, { file, text, stack, ...(pulumi !== undefined && { pulumi }) });
        topLevel = sealed.topLevel;
        return [sealed.edit];
      },
      (text) => withTopLevel(text, topLevel),
    );
    return;
  }
  if (words.length % 2 === 1) command.error("error: each path needs a value; see --help");
  await edit(options, (text, file) => {
    const { root } = parseYaml(text, file);
    const config = entryAt(root, ["config"]);
    return Promise.resolve(
      words.flatMap((word, index): Edit[] => {
        if (index % 2 === 1) return [];
        const path: Path = parsePath(word);
        return [{ kind: "set", path, value: givenValue(words[index + 1] ?? "", path, config) }];
      }),
    );
  });
}

/** Plans, shows and writes. @param finish A last change of the text */
async function edit(
  options: EditOptions,
  editsOf: (text: string, file: string) => Promise<Edit[]>,
  finish = (text: string): string => text,
): Promise<void> {
  const { effective, formatPlan, planEdit, readFileText, replaceFileText } = loadSettings();
  const path = chosenFile(options);
  const file = shortPath(path);
  const before = readFileText(path);
  const edits = await editsOf(before, file);
  const planned = await withProgress(process.stderr, "rendering the stack", () =>
    planEdit(file, before, edits, today()).catch(unwritten),
  );
  const text = finish(planned.text);
  if (text === before) {
    // A name that is mistyped is not set, either.
    const { config } = loadStackFile().parseStackFile(before, file);
    for (const { kind, path: setting } of edits) if (kind === "remove") effective(config, before, file, setting);
  }
  const isRefused = planned.errors.length > 0 && !options.force;
  const isWritten = text !== before && !options.dryRun && !isRefused;
  if (isWritten) replaceFileText(path, before, text);
  if (options.json) {
    const { diff, errors } = planned;
    process.stdout.write(
      `${JSON.stringify({ file, changed: text !== before, written: isWritten, impact: diff?.report, errors }, null, 2)}\n`,
    );
  } else if (text === before) process.stdout.write(`nothing to change: ${file} says so already\n`);
  else process.stdout.write(formatPlan(before, { ...planned, text }, style(process.stdout)));
  if (isRefused && !options.dryRun) {
    throw new UserError(
      "the platform would not hold together, and nothing was written\nnext: mend that, or give --force",
    );
  }
  if (!options.json && text !== before) {
    process.stdout.write(isWritten ? `wrote ${file}\nnext: review it, then run: pulumi up\n` : "nothing was written\n");
  }
}

/** Problems are those of a file that is not there: it would be. */
function unwritten(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  throw new ConfigError(`nothing was written; ${error.source} would have`, error.problems);
}

/** Reads a secret: from a terminal without showing it, else all of the input but its last line break. */
async function askSecret(path: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    let text = "";
    for await (const chunk of stdin) text += String(chunk);
    return notEmpty(text.replace(/\r?\n$/, ""));
  }
  stderr.write(`value of ${path} (not shown): `);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  try {
    return notEmpty(await lines.question(""));
  } finally {
    lines.close();
    stderr.write("\n");
  }
}

function notEmpty(value: string): string {
  if (value === "") throw new UserError("the secret is empty, and nothing was written");
  return value;
}
