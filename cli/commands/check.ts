import { Command, Option } from "commander";
import { assess } from "../../preview/assess";
import { CHECKS, checkContext, countOf, whyNot, type Check, type Finding, type Platform } from "../../preview/checks";
import { explainInstances } from "../../preview/checks/cloud-sql-connections";
import { connectionBudget, explainConnectionBudget } from "../../preview/checks/connection-budget";
import { formatFindings } from "../../preview/format-findings";
import { HAZARDS } from "../../preview/hazards";
import { POLICIES } from "../../preview/policies";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { projectFolder } from "../../preview/project-folder";
import { stackFile, stacksOf } from "../../preview/stack-location";
import type { Style } from "../../preview/style";
import { stackFileOption } from "../chosen-file";
import { today, todayOption } from "../clock";
import { formatProblems } from "../../stacks/config/format";
import { ConfigError } from "../../stacks/config/problem";
import { againstOption, formerRender } from "../former-render";
import { style } from "../terminal";

interface CheckOptions {
  stack: string[];
  stackFile?: string;
  json?: boolean;
  verbose?: boolean;
  against?: string;
  today?: string;
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
      new Option("--stack <name>", "a stack to check; may be repeated")
        .argParser(collect)
        .default([], "all of the project"),
    )
    .addOption(stackFileOption())
    .addOption(againstOption())
    .addOption(todayOption())
    .option("--json", "print the findings as JSON")
    .option("--verbose", "also list every rule, and how the connection budget adds up")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops check                              all stacks of the project
  noetl-ops check --stack gke --verbose        one stack, with every rule and the sums behind it
  noetl-ops check --stack-file ~/my.yaml       a stack file of your own
  noetl-ops check --stack gke --against ../main/rendered/gke    what a branch would destroy
  noetl-ops check --json | jq '.[].findings'   for scripts

Also tells what a change would destroy, going by the render that is committed in rendered/<stack> beside the stack file.
A stack file accepts a finding for a while by an entry of noetl:waivers.
Exit codes: 0 no errors, 1 errors found or a stack file has problems, 2 wrong usage.`,
    )
    .action((options: CheckOptions, command: Command) => {
      if (options.against !== undefined && options.stackFile === undefined && options.stack.length !== 1) {
        command.error("error: option '--against <folder>' needs one --stack or a --stack-file");
      }
      return check(options, load);
    });
}

/** The findings of one stack. */
interface Result {
  stack: string;
  platform: Platform;
  findings: Finding[];
  /** The render it was compared with; undefined where there is none. */
  comparedWith?: string;
}

async function check(options: CheckOptions, load: typeof loadPlatform): Promise<void> {
  const { stack, stackFile: file, json, verbose } = options;
  const results: Result[] = [];
  const broken: ConfigError[] = [];
  // One after another: recordings share the SDK's global state.
  for (const path of file === undefined ? files(stack) : [file]) {
    try {
      results.push(await withProgress(process.stderr, `checking ${path}`, () => checkFile(path, options, load)));
    } catch (error) {
      // The other stacks are worth knowing about all the same.
      if (!(error instanceof ConfigError)) throw error;
      broken.push(error);
    }
  }
  if (json) process.stdout.write(`${JSON.stringify(results.map(dataOf), null, 2)}\n`);
  else process.stdout.write(results.map((result) => resultText(result, verbose ?? false)).join("\n"));
  for (const error of broken) process.stderr.write(`${formatProblems(error, style(process.stderr))}\n`);
  if (broken.length > 0 || results.some(({ findings }) => countOf(findings, "error") > 0)) process.exitCode = 1;
}

function dataOf({ stack, comparedWith, findings }: Result) {
  return { stack, comparedWith: comparedWith ?? null, findings };
}

function files(stacks: string[]): string[] {
  const project = projectFolder();
  return (stacks.length === 0 ? stacksOf(project) : stacks).map((name) => stackFile(project, name));
}

async function checkFile(path: string, options: CheckOptions, load: typeof loadPlatform): Promise<Result> {
  const platform = await load(path);
  const { stack } = platform.graph;
  const { name, files } = formerRender(path, stack, options.against);
  const findings = await assess(platform, { today: options.today ?? today(), former: files });
  return { stack, platform, findings, ...(files && { comparedWith: name }) };
}

function resultText({ stack, platform, findings, comparedWith }: Result, verbose: boolean): string {
  const paint = style(process.stdout);
  const options = { width: process.stdout.isTTY ? process.stdout.columns : 100 };
  const compared = comparedWith === undefined ? "no former render to compare with" : `compared with ${comparedWith}`;
  const text = `${paint.bold(stack)}${paint.dim(`  ${compared}`)}\n${indent(formatFindings(findings, paint, options))}`;
  return verbose ? `${text}${indent(rulesText(platform, findings, paint, comparedWith !== undefined))}` : text;
}

function rulesText(platform: Platform, findings: Finding[], paint: Style, isCompared: boolean): string {
  const row = (check: Pick<Check, "id" | "title" | "scope">): string => {
    const { id, title } = check;
    const reason = whyNot(check, platform.config);
    if (reason !== undefined) return `${paint.dim(`– ${id.padEnd(26)} not asked: ${reason}`)}\n`;
    const found = findings.filter(({ rule, severity, waived }) => rule === id && severity !== "info" && !waived);
    const mark = found.length === 0 ? paint.green("✓") : paint.yellow(String(found.length));
    return `${mark} ${id.padEnd(26)} ${paint.dim(title)}\n`;
  };
  const hazards = isCompared ? `\nchanges that destroy data\n${indent(HAZARDS.map(row).join(""))}` : "";
  const budget =
    platform.config.gcp?.layer === "infrastructure"
      ? explainInstances(platform)
      : explainConnectionBudget(connectionBudget(checkContext(platform)));
  const policies = `\npolicies (docs/policies.md)\n${indent(POLICIES.map(row).join(""))}`;
  return `\n${CHECKS.map(row).join("")}${policies}${hazards}\nconnection budget\n${indent(`${budget}\n`)}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
