import { setTimeout as delay } from "node:timers/promises";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Outcome } from "../../operations/monitoring/ask";
import type { EndpointChoice } from "../../operations/monitoring/endpoint";
import { loadMonitoring } from "../../operations/monitoring/lazy";
import { type RecipeName, RECIPES } from "../../operations/monitoring/recipes";
import { loadStackFile } from "../../preview/lazy";
import { withProgress } from "../../preview/progress";
import { projectFolder } from "../../preview/project-folder";
import { stackFile } from "../../preview/stack-location";
import type { PlatformConfig } from "../../stacks/schema";
import { stackFileOption } from "../chosen-file";
import { style } from "../terminal";

interface QueryOptions extends EndpointChoice {
  stack?: string;
  stackFile?: string;
  label: Record<string, string>;
  json?: boolean;
  watch?: boolean;
  every: number;
}

/** `noetl-ops query`: a question to the monitoring of a live platform, with what the answer should be. */
export function queryCommand(): Command {
  const names = Object.keys(RECIPES);
  const command = new Command("query")
    .description("Ask the monitoring of a live platform one of the questions that operators have.")
    .addArgument(new Argument("<name>", "the question").choices(names));
  for (const option of endpointOptions()) command.addOption(option);
  return command
    .option("--stack <name>", "stack whose project and cluster are asked, and whose thresholds count")
    .addOption(stackFileOption())
    .option("--json", "print the answer as JSON")
    .option("--watch", "ask again and again, until interrupted")
    .addOption(new Option("--every <seconds>", "between two questions of --watch").argParser(seconds).default(10))
    .addHelpText(
      "after",
      `
Questions:
${Object.entries(RECIPES)
  .map(([name, { question }]) => `  ${name.padEnd(16)} ${question}`)
  .join("\n")}

Examples:
  noetl-ops query backlog --url http://127.0.0.1:9090               a Prometheus behind a port-forward
  noetl-ops query backlog --stack gke                               Google Managed Prometheus of its project
  noetl-ops query backlog --project acme --label cluster=noetl-cluster   that of any project
  noetl-ops query alerts --project acme --rules-url http://127.0.0.1:19092
  noetl-ops query flow --url http://127.0.0.1:9090 --watch --every 5

Exit codes: 0 as expected, or for information; 1 not as expected; 2 wrong usage; 3 no data; 4 a value is no number;
5 a partial answer; 6 not reachable; 7 not allowed (401, 403); 8 too many requests (429); 9 no usable answer.`,
    )
    .action(query);
}

/** How commands are told which Prometheus to ask. */
export function endpointOptions(): Option[] {
  const labels = (text: string, all: Record<string, string>) => ({ ...all, ...label(text) });
  return [
    new Option("--url <url>", "base URL of a Prometheus, before /api/v1").argParser(httpUrl),
    new Option("--project <project>", "Google Cloud project whose Managed Prometheus is asked")
      .argParser(project)
      .conflicts("url"),
    new Option("--rules-url <url>", "base URL that serves rules and alerts, when it is another").argParser(httpUrl),
    new Option("--token-file <file>", "file with the bearer token, read anew for each request"),
    new Option("--adc", "use Application Default Credentials (always with --project)").conflicts("tokenFile"),
    new Option("--label <name=value>", "only series with this label; may be repeated")
      .argParser(labels)
      .default({}, "all series"),
  ];
}

/** Parses a base URL. */
export function httpUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const { username, password, search, hash } = new URL(text);
    if (username === "" && password === "" && search === "" && hash === "") return text;
  }
  throw new InvalidArgumentError("an http:// or https:// URL is needed, without user, password, '?' and '#'.");
}

function project(text: string): string {
  if (/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(text)) return text;
  throw new InvalidArgumentError("a project id is needed: 6 to 30 lower-case letters, digits and '-'.");
}

function label(text: string): Record<string, string> {
  const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("a label such as cluster=prod is needed.");
  return { [name]: value };
}

function seconds(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("a whole number of seconds above 0 is needed.");
}

async function query(name: RecipeName, options: QueryOptions): Promise<void> {
  const { ask, choiceOf, EXIT_CODES, openPrometheus } = loadMonitoring();
  const config = configOf(options);
  const choice = config ? choiceOf(options, config) : options;
  const api = openPrometheus(choice);
  for (;;) {
    const outcome = await withProgress(process.stderr, `asking ${new URL(api.url).host}`, () =>
      ask(name, api, choice.label, config?.monitoring.thresholds),
    );
    print(outcome, options.json === true);
    if (options.watch !== true) {
      process.exitCode = EXIT_CODES[outcome.verdict];
      return;
    }
    await delay(1000 * Math.max(options.every, outcome.retryAfter ?? 0));
  }
}

function configOf({ stack, stackFile: file }: QueryOptions): PlatformConfig | undefined {
  const path = file ?? (stack === undefined ? undefined : stackFile(projectFolder(), stack));
  return path === undefined ? undefined : loadStackFile().readStackFile(path).config;
}

function print(outcome: Outcome, json: boolean): void {
  const { formatOutcome, outcomeJson } = loadMonitoring();
  process.stdout.write(json ? `${outcomeJson(outcome)}\n` : formatOutcome(outcome, style(process.stdout)));
}
