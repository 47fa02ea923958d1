import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { scalingChart } from "../../operations/scaling/chart";
import { formatReports } from "../../operations/scaling/format";
import type { PoolReport } from "../../operations/scaling/report";
import { simulateScaling, type ScalingQuestion } from "../../operations/scaling/run";
import { span } from "../../operations/scaling/time";
import { PATTERNS, readTrace } from "../../operations/scaling/trace";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { UserError } from "../../stacks/errors";
import { chosenFile, stackFileOption } from "../chosen-file";
import { style } from "../terminal";

const FORMATS = ["text", "json", "svg"] as const;

interface ScalingOptions {
  stack: string;
  stackFile?: string;
  pool?: string[];
  lag?: string;
  pattern: string;
  peak?: number;
  drain?: number;
  startTime?: number;
  syncPeriod?: number;
  stabilization?: number;
  format?: (typeof FORMATS)[number];
  json?: boolean;
}

/**
 * `noetl-ops simulate`: what a stack would do, without doing it.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function simulateCommand(load: typeof loadPlatform = loadPlatform): Command {
  return new Command("simulate")
    .description("Show what a stack would do over time, without a cluster.")
    .addCommand(scalingCommand(load))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops simulate scaling --stack gke --pattern day`,
    );
}

function scalingCommand(load: typeof loadPlatform): Command {
  const collect = (name: string, names: string[] = []): string[] => [...names, name];
  return new Command("scaling")
    .description("The pods that KEDA and the autoscaler would choose as the lag of consumers changes.")
    .addOption(new Option("--stack <name>", "stack whose scalers are simulated").default("kind"))
    .addOption(stackFileOption())
    .addOption(new Option("--pool <name>", "only this worker pool; may be repeated").argParser(collect))
    .addOption(new Option("--lag <file>", "CSV of seconds,lag or seconds,rate").conflicts(["pattern", "peak"]))
    .addOption(new Option("--pattern <name>", "a shape instead of a file").choices(PATTERNS).default("burst"))
    .addOption(number("--peak <number>", "highest lag of the pattern, or its highest rate with --drain"))
    .addOption(number("--drain <number>", "messages a second that one pod works off: the lag follows from the rate"))
    .addOption(number("--start-time <seconds>", "until a new pod works (default: 0)"))
    .addOption(number("--sync-period <seconds>", "between two syncs of the cluster's autoscaler (default: 15)"))
    .addOption(number("--stabilization <seconds>", "how long the cluster holds pods that were wanted (default: 300)"))
    .addOption(new Option("--format <format>", "what to print (default: text)").choices(FORMATS))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops simulate scaling                                        kind, a burst of ten minutes
  noetl-ops simulate scaling --stack gke --pattern day --drain 2    a day, pods that work off 2 messages a second
  noetl-ops simulate scaling --lag friday.csv --pool noetl-worker-rust
  noetl-ops simulate scaling --pattern ramp --format svg > ramp.svg

Exit codes: 0 shown, 1 the stack file or the trace has problems, or nothing is scaled, 2 wrong usage.`,
    )
    .action((options: ScalingOptions) => scaling(options, load));
}

function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value <= 0) throw new InvalidArgumentError("a number above 0 is needed.");
    return value;
  });
}

async function scaling(options: ScalingOptions, load: typeof loadPlatform): Promise<void> {
  const file = chosenFile(options);
  const { graph } = await withProgress(process.stderr, `rendering ${file}`, () => load(file));
  const question = questionOf(options);
  const reports = simulateScaling(graph, question);
  const format = options.json ? "json" : (options.format ?? "text");
  const title = titleOf(graph.stack, options, reports);
  process.stdout.write(output(format, title, reports));
}

function questionOf({
  pool,
  lag,
  pattern,
  peak,
  drain,
  startTime,
  syncPeriod,
  stabilization,
}: ScalingOptions): ScalingQuestion {
  return {
    ...(pool && { pools: pool }),
    demand: lag === undefined ? { pattern, peak } : readTrace(readFile(lag), lag),
    drain,
    startTime,
    cluster: {
      ...(syncPeriod !== undefined && { syncPeriod }),
      ...(stabilization !== undefined && { downscaleStabilization: stabilization }),
    },
  };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function titleOf(stack: string, { lag, pattern, drain }: ScalingOptions, reports: PoolReport[]): string {
  const duration = span(reports[0]?.simulation.rows.at(-1)?.time ?? 0);
  const pace = drain === undefined ? "" : `, each pod works off ${drain} a second`;
  return `${stack}: ${lag ?? `pattern ${pattern}`}, ${duration}${pace}`;
}

function output(format: (typeof FORMATS)[number], title: string, reports: PoolReport[]): string {
  if (format === "svg") return scalingChart(title, reports);
  if (format === "json") return `${JSON.stringify(reports.map(toJson), null, 2)}\n`;
  return formatReports(title, reports, style(process.stdout), {
    width: process.stdout.isTTY ? process.stdout.columns : 100,
  });
}

function toJson({ pool, consumers, model, simulation, summary, notes }: PoolReport) {
  return { pool, consumers, scaler: model, summary, notes, ...simulation };
}
