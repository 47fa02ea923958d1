import { Command, Option } from "commander";
import { CHECKS, checkContext, countOf, runChecks, type Finding, type Platform } from "../../preview/checks";
import { connectionBudget, explainConnectionBudget } from "../../preview/checks/connection-budget";
import { formatFindings } from "../../preview/format-findings";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { projectFolder } from "../../preview/project-folder";
import { stackFile, stacksOf } from "../../preview/stack-location";
import type { Style } from "../../preview/style";
import { style } from "../terminal";

interface CheckOptions {
  stack: string[];
  stackFile?: string;
  json?: boolean;
  verbose?: boolean;
}

/**
 * `noetl-ops check`: whether whole platforms make sense; exit code 1 when one does not.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function checkCommand(load: typeof loadPlatform = loadPlatform): Command {
  const collect = (name: string, names: string[]): string[] => [...names, name];
  return new Command("check")
    .description("Check whole stacks against the platform's rules: connection budget, volumes, secrets and more.")
    .addOption(
      new Option("--stack <name>", "a stack to check; may be repeated (default: all of the project)")
        .argParser(collect)
        .default([], "all"),
    )
    .addOption(new Option("--stack-file <file>", "any other stack file, also outside the project").conflicts("stack"))
    .option("--json", "print the findings as JSON")
    .option("--verbose", "also list every rule, and how the connection budget adds up")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops check                              all stacks of the project
  noetl-ops check --stack gke --verbose        one stack, with every rule and the sums behind it
  noetl-ops check --stack-file ~/my.yaml       a stack file of your own
  noetl-ops check --json | jq '.[].findings'   for scripts

Exit codes: 0 no errors, 1 errors found or a stack file has problems, 2 wrong usage.`,
    )
    .action((options: CheckOptions) => check(options, load));
}

/** The findings of one stack. */
interface Result {
  stack: string;
  platform: Platform;
  findings: Finding[];
}

async function check(options: CheckOptions, load: typeof loadPlatform): Promise<void> {
  const { stack, stackFile: file, json, verbose } = options;
  const results: Result[] = [];
  // One after another: recordings share the SDK's global state.
  for (const path of file === undefined ? files(stack) : [file]) {
    results.push(await withProgress(process.stderr, `checking ${path}`, () => checkFile(path, load)));
  }
  if (json)
    process.stdout.write(
      `${JSON.stringify(
        results.map(({ stack, findings }) => ({ stack, findings })),
        null,
        2,
      )}\n`,
    );
  else process.stdout.write(results.map((result) => resultText(result, verbose ?? false)).join("\n"));
  if (results.some(({ findings }) => countOf(findings, "error") > 0)) process.exitCode = 1;
}

function files(stacks: string[]): string[] {
  const project = projectFolder();
  return (stacks.length === 0 ? stacksOf(project) : stacks).map((name) => stackFile(project, name));
}

async function checkFile(path: string, load: typeof loadPlatform): Promise<Result> {
  const platform = await load(path);
  return { stack: platform.graph.stack, platform, findings: runChecks(platform) };
}

function resultText({ stack, platform, findings }: Result, verbose: boolean): string {
  const paint = style(process.stdout);
  const options = { width: process.stdout.isTTY ? process.stdout.columns : 100 };
  const text = `${paint.bold(stack)}\n${indent(formatFindings(findings, paint, options))}`;
  return verbose ? `${text}${indent(rulesText(platform, findings, paint))}` : text;
}

function rulesText(platform: Platform, findings: Finding[], paint: Style): string {
  const rules = CHECKS.map(({ id, title }) => {
    const count = findings.filter(({ rule }) => rule === id).length;
    return `${count === 0 ? paint.green("✓") : paint.yellow(String(count))} ${id.padEnd(18)} ${paint.dim(title)}\n`;
  });
  const budget = explainConnectionBudget(connectionBudget(checkContext(platform)));
  return `\n${rules.join("")}\nconnection budget\n${indent(`${budget}\n`)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
