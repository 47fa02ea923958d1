import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { projectFolder } from "../../preview/project-folder";
import { stackFile, stacksOf } from "../../preview/stack-location";
import { formatProblems } from "../../stacks/config/format";
import { DOCS_FILE, SCHEMA_FILE, type GeneratedFile } from "../../stacks/config/generated-files";
import { ConfigError, type ConfigProblem } from "../../stacks/config/problem";
import { readStackFile } from "../../stacks/config/stack-file";
import { UserError } from "../../stacks/errors";
import { getCommand, setCommand, unsetCommand } from "./config-edit";
import { shortPath } from "../paths";
import { style } from "../terminal";

/** `noetl-ops config`: what a stack file may say, whether one says it right, and changing what it says. */
export function configCommand(): Command {
  return new Command("config")
    .description("Validate, read and edit stack files; print the schema and the reference of all settings.")
    .addCommand(validateCommand())
    .addCommand(getCommand())
    .addCommand(setCommand())
    .addCommand(unsetCommand())
    .addCommand(generatedCommand("schema", "Print the JSON Schema of stack files, for editors.", SCHEMA_FILE))
    .addCommand(generatedCommand("docs", "Print the reference of all settings, as Markdown.", DOCS_FILE))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops config validate
  noetl-ops config get server.replicas --stack gke
  noetl-ops config set server.rustLog debug --stack kind`,
    );
}

interface ValidateOptions {
  stack: string[];
  stackFile?: string[];
  json?: boolean;
}

function validateCommand(): Command {
  const collect = (value: string, values: string[] = []): string[] => [...values, value];
  return new Command("validate")
    .description("Check stack files, offline: every mistake at once, with its line and what to write instead.")
    .addOption(
      new Option("--stack <name>", "a stack to check; may be repeated")
        .argParser(collect)
        .default([], "all of the project"),
    )
    .addOption(
      new Option("--stack-file <file>", "any other stack file, also outside the project; may be repeated").argParser(
        collect,
      ),
    )
    .option("--json", "print the result as JSON: a list of file, stack and problems")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops config validate                           all stacks of the project
  noetl-ops config validate --stack kind              one stack
  noetl-ops config validate --stack-file ~/my.yaml    a stack file of your own
  noetl-ops config validate --json | jq '.[].problems[].path'

Whether a whole platform makes sense is what noetl-ops check tells.
Exit codes: 0 no problems, 1 problems found, 2 wrong usage.`,
    )
    .action(validate);
}

/** What is known of one file after reading it. */
interface Result {
  file: string;
  /** Absent when the file has problems. */
  stack?: string;
  problems: readonly ConfigProblem[];
}

function validate({ stack, stackFile: given = [], json }: ValidateOptions): void {
  const results = filesOf(stack, given).map(read);
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else for (const result of results) report(result);
  if (results.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

function filesOf(stacks: string[], files: string[]): string[] {
  const project = projectFolder();
  const names = stacks.length + files.length === 0 ? stacksOf(project) : stacks;
  if (names.length + files.length === 0) throw new UserError(`${project} has no stack file Pulumi.<stack>.yaml`);
  return [...names.map((name) => stackFile(project, name)), ...files];
}

function read(path: string): Result {
  const file = shortPath(path);
  try {
    return { file, stack: readStackFile(file).stack, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, problems: error.problems };
  }
}

function report({ file, problems }: Result): void {
  if (problems.length > 0) {
    process.stderr.write(`${formatProblems({ source: file, problems }, style(process.stderr))}\n\n`);
    return;
  }
  process.stdout.write(`${style(process.stdout).green("✓")} ${file}\n`);
}

interface GeneratedOptions {
  check?: boolean;
  write?: boolean;
}

function generatedCommand(name: string, description: string, file: GeneratedFile): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option("--write", `write ${file.path}`).conflicts("check"))
    .addOption(new Option("--check", `exit with 1 when ${file.path} is out of date`))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops config ${name}            print it
  noetl-ops config ${name} --write    bring ${file.path} up to date
  noetl-ops config ${name} --check    for continuous integration`,
    )
    .action((options: GeneratedOptions) => {
      generate(file, options);
    });
}

function generate(file: GeneratedFile, { check, write }: GeneratedOptions): void {
  const path = join(projectFolder(), file.path);
  if (write) {
    writeFileSync(path, file.content());
    process.stdout.write(`wrote ${shortPath(path)}\n`);
  } else if (!check) process.stdout.write(file.content());
  else if (textOf(path) !== file.content()) {
    throw new UserError(`${file.path} is out of date; run: noetl-ops ${file.command}`);
  } else process.stdout.write(`${style(process.stdout).green("✓")} ${file.path}\n`);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
