import { writeFileSync } from "node:fs";
import { type Command as Base, Command, InvalidArgumentError, Option } from "commander";
import { loadRigs } from "../../operations/rigs/lazy";
import type { RigReport } from "../../operations/rigs/report";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { UserError } from "../../stacks/errors";
import { chosenFile, stackFileOption } from "../chosen-file";
import { elapsed, now, pause } from "../clock";
import { readEnvironment } from "../environment";
import { style } from "../terminal";

interface VerifyOptions {
  off?: boolean;
  set?: string[];
  patience: number;
  revert?: boolean;
  list?: boolean;
  stack: string;
  stackFile?: string;
  context?: string;
  json?: boolean;
  markdown?: boolean;
  junit?: string;
  yesProduction?: boolean;
}

/** Exit codes beside those of every command. */
const EXIT = { failed: 3, notPutBack: 4, interrupted: 130 } as const;

/** `noetl-ops verify`: proofs on a live platform. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description("Prove something on a live platform: apply, wait, run, assert, and put everything back.")
    .argument("[rig]", "what to prove; without it, the rigs there are")
    .option("--off", "take away what the rig leaves behind, instead of running it")
    .option("--set <name=number...>", "numbers that the rig takes, within its bounds")
    .addOption(
      new Option("--patience <factor>", "by how much each wait may take longer than usual, from 0.01 to 100")
        .argParser(factor)
        .default(1),
    )
    .option("--revert", "put back what a run has left that was killed")
    .option("--list", "list the rigs")
    .option("--stack <name>", "stack that the platform was made from", "kind")
    .addOption(stackFileOption())
    .option("--context <name>", "context of the kubeconfig to use instead of the stack's own")
    .addOption(new Option("--json", "print the report as JSON").conflicts("markdown"))
    .option("--markdown", "print the report as Markdown")
    .option("--junit <file>", "write the report as JUnit XML, too")
    .option("--yes-production", "touch a stack of profile gke")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops verify                                        the rigs there are
  noetl-ops verify shard-drift-guard                      on the kind stack
  noetl-ops verify shard-routing-n2 --junit report.xml    with a report for CI
  noetl-ops verify load-smoke --set rate=200 seconds=30   with more load
  noetl-ops verify flight-tls --patience 3                on a slow machine
  noetl-ops verify --revert                               after a crash

Every change is in a journal before it is made, and is taken back at the end, on a failure, and on Ctrl-C.
Exit codes: 0 proven; 1 refused, and nothing was changed; 2 wrong usage; 3 not proven, and everything is put back;
4 something could not be put back: noetl-ops verify --revert; 130 interrupted, and everything is put back.`,
    )
    .action((rig: string | undefined, options: VerifyOptions, self: Base) => verify(rig, options, self));
}

function factor(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 0.01 && value <= 100) return value;
  throw new InvalidArgumentError("a number from 0.01 to 100 is needed.");
}

async function verify(name: string | undefined, options: VerifyOptions, self: Base): Promise<void> {
  if (options.list || (name === undefined && !options.revert)) {
    const { formatRigs, RIGS } = loadRigs();
    process.stdout.write(formatRigs(RIGS, style(process.stdout)));
    return;
  }
  if (options.revert && (name !== undefined || options.off))
    self.error("error: --revert stands alone", { exitCode: 2 });
  const report = await interruptible((signal) => run(name, options, signal));
  print(report, options);
  process.exitCode = exitCodeOf(report);
}

async function run(name: string | undefined, options: VerifyOptions, signal: AbortSignal): Promise<RigReport> {
  const { formatEvent, openReach, platformOf, revertLeft, rigNamed, runRig, settingsOf } = loadRigs();
  const rig = name === undefined ? undefined : rigNamed(name);
  const settings = rig && settingsOf(rig, options.set);
  const file = chosenFile(options);
  const { config, graph } = await withProgress(process.stderr, "rendering the stack", () => loadPlatform(file));
  const environment = readEnvironment();
  const context = options.context ?? config.cluster.context;
  const choice = { kubeconfig: environment.kubeconfig, stackContext: config.cluster.context, context: options.context };
  const reach = openReach(choice, { now, elapsed, wait: pause }, signal, options.patience);
  const paint = style(process.stderr);
  const platform = platformOf(options.stack, config, graph);
  const told = {
    context,
    journals: environment.journals,
    onEvent: (event: Parameters<typeof formatEvent>[0]) => {
      const line = formatEvent(event, paint);
      if (line !== undefined) process.stderr.write(`${line}\n`);
    },
  };
  try {
    if (rig === undefined) return await revertLeft(platform, reach, told);
    return await runRig(rig, platform, reach, {
      ...told,
      allowProduction: options.yesProduction ?? false,
      off: options.off ?? false,
      ...(settings && { settings }),
    });
  } finally {
    reach.close();
  }
}

/** The first Ctrl-C ends the run, which then puts everything back; the second ends the process. */
async function interruptible(work: (signal: AbortSignal) => Promise<RigReport>): Promise<RigReport> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) {
      process.stderr.write("left as it is\nnext: noetl-ops verify --revert\n");
      process.exit(EXIT.notPutBack);
    }
    process.stderr.write("interrupted: putting everything back; once more leaves it as it is\n");
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

function print(report: RigReport, { json, markdown, junit }: VerifyOptions): void {
  const { formatReport, junitReport, markdownReport } = loadRigs();
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(markdown ? markdownReport(report) : formatReport(report, style(process.stdout)));
  if (junit === undefined) return;
  try {
    writeFileSync(junit, junitReport(report));
  } catch (error) {
    throw new UserError(`--junit: ${junit} cannot be written: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
}

function exitCodeOf(report: RigReport): number {
  if (!loadRigs().isPutBack(report)) return EXIT.notPutBack;
  return { passed: 0, failed: EXIT.failed, interrupted: EXIT.interrupted }[report.result];
}
