import { randomBytes, randomInt } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Condition } from "../../operations/flip/conditions";
import { loadFlip } from "../../operations/flip/lazy";
import type { EndpointChoice } from "../../operations/monitoring/endpoint";
import type { Prometheus } from "../../operations/monitoring/prometheus";
import { withProgress } from "../../preview/progress";
import { loadStackFile } from "../../preview/lazy";
import { UserError } from "../../stacks/errors";
import type { PlatformConfig } from "../../stacks/schema";
import { chosenFile, stackFileOption } from "../chosen-file";
import { now, today } from "../clock";
import { shortPath } from "../paths";
import { style } from "../terminal";
import { endpointOptions, httpUrl } from "./query";

/** `noetl-ops flip`: one-way doors of a live platform, opened when it is safe. */
export function flipCommand(): Command {
  return new Command("flip")
    .description("Move the platform over to another way of working, step by step.")
    .addCommand(publishOnlyCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops flip publish-only --check --stack gke`,
    );
}

interface FlipOptions extends EndpointChoice {
  check?: boolean;
  on?: boolean;
  off?: boolean;
  provePager?: boolean;
  stack: string;
  stackFile?: string;
  label: Record<string, string>;
  baseline: number;
  databaseReady?: string;
  forceReason?: string;
  dryRun?: boolean;
  json?: boolean;
  alertmanagerUrl?: string;
  by?: string;
}

const MODES = ["check", "on", "off", "provePager"] as const;

function publishOnlyCommand(): Command {
  const command = new Command("publish-only")
    .description("Let the server only publish events, and the system pool's materializer write them (CQRS).")
    .option("--check", "tell whether all that must hold before it does, each with what was seen")
    .option("--on", "edit the stack file one step further: off to shadow, then shadow to on")
    .option("--off", "edit the stack file one step back: on to shadow")
    .option("--prove-pager", "page somebody, and record that they answered")
    .option("--stack <name>", "stack to flip", "gke")
    .addOption(stackFileOption());
  for (const option of endpointOptions()) command.addOption(option);
  return command
    .addOption(
      new Option("--baseline <minutes>", "for how long all must have been well, 15 to 30")
        .argParser(minutes)
        .default(15),
    )
    .option("--database-ready <name>", "who says that column event.prev_event_id is in a database that is not ours")
    .addOption(
      new Option("--force-reason <text>", "go on though conditions do not hold; kept in the stack file").argParser(
        reason,
      ),
    )
    .option("--dry-run", "show what --on or --off would do, and write nothing")
    .option("--json", "print the conditions of --check as JSON")
    .addOption(new Option("--alertmanager-url <url>", "Alertmanager that --prove-pager calls").argParser(httpUrl))
    .addOption(new Option("--by <name>", "who answers the page of --prove-pager").argParser(name))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops flip publish-only --check --stack gke      asks the project and cluster of the stack
  noetl-ops flip publish-only --prove-pager --alertmanager-url http://127.0.0.1:9093 --by kim
  noetl-ops flip publish-only --on --url http://127.0.0.1:9090
  noetl-ops flip publish-only --off

The stack file is edited, nothing is deployed: pulumi up does that.
Exit codes: 0 done, or all holds; 1 a condition does not hold, or nothing was done; 2 wrong usage.`,
    )
    .action((options: FlipOptions, self: Command) => publishOnly(options, self));
}

function minutes(text: string): number {
  const value = Number(text);
  if (/^\d{2}$/.test(text) && value >= 15 && value <= 30) return value;
  throw new InvalidArgumentError("a whole number of minutes from 15 to 30 is needed.");
}

function reason(text: string): string {
  if (/^\S[^\r\n]{8,498}\S$/.test(text)) return text;
  throw new InvalidArgumentError("a line of 10 to 500 characters is needed.");
}

function name(text: string): string {
  if (/^[\w.@+-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError("a name of letters, digits and . _ @ + - is needed.");
}

async function publishOnly(options: FlipOptions, self: Command): Promise<void> {
  const chosen = MODES.filter((mode) => options[mode] === true);
  if (chosen.length !== 1) self.error("error: give one of --check, --on, --off and --prove-pager", { exitCode: 2 });
  const file = chosenFile(options);
  const text = loadFlip().readFileText(file);
  const { config } = loadStackFile().parseStackFile(text, file);
  if (options.check) await check(options, config);
  else if (options.provePager) await provePager(options, self, { file, text, config });
  else await flip(options.on ? "on" : "off", options, { file, text, config });
}

/** A stack file and what it says. */
interface Subject {
  file: string;
  text: string;
  config: PlatformConfig;
}

async function check(options: FlipOptions, config: PlatformConfig): Promise<void> {
  const { allPass, formatConditions } = loadFlip();
  const conditions = await look(options, config);
  const ready = allPass(conditions);
  const text = options.json
    ? `${JSON.stringify({ ready, conditions }, null, 2)}\n`
    : formatConditions(conditions, style(process.stdout));
  process.stdout.write(text);
  if (!ready) process.exitCode = 1;
}

function look(options: FlipOptions, config: PlatformConfig): Promise<Condition[]> {
  const { choiceOf, conditionsOf } = loadFlip();
  const choice = choiceOf(options, config);
  return withProgress(process.stderr, "looking at the live platform", () =>
    conditionsOf({
      config,
      api: apiOf(choice),
      scope: choice.label,
      baseline: { seconds: options.baseline * 60, step: 30 },
      now: now(),
      databaseReady: options.databaseReady,
    }),
  );
}

function apiOf(choice: EndpointChoice): Prometheus | undefined {
  return choice.url === undefined && choice.project === undefined ? undefined : loadFlip().openPrometheus(choice);
}

async function flip(direction: "on" | "off", options: FlipOptions, { file, text, config }: Subject): Promise<void> {
  const { allPass, formatConditions, formatStep, nextStep, planEdit, replaceFileText } = loadFlip();
  const print = (line: string): boolean => process.stdout.write(line);
  const first = nextStep(direction, config);
  if (!first) {
    const rest = config.server.flip === "shadow" ? "; the materializer stays until flip is set to off by hand" : "";
    print(`nothing to do: noetl:server.flip is ${config.server.flip}${rest}\n`);
    return;
  }
  let step = first;
  if (first.guarded) {
    const conditions = await look(options, config);
    print(`${formatConditions(conditions, style(process.stdout))}\n`);
    if (!allPass(conditions)) {
      if (options.forceReason === undefined) {
        throw new UserError(
          "the flip is not safe yet, and nothing was written\n" +
            "next: mend what does not hold; or go on all the same with --force-reason TEXT, which the stack file keeps",
        );
      }
      const day = now().toISOString().slice(0, "2026-11-21".length);
      step = nextStep(direction, config, `forced on ${day}: ${options.forceReason}`) ?? first;
    }
  }
  const planned = await withProgress(process.stderr, "rendering the stack", () =>
    planEdit(file, text, step.edits, today()),
  );
  print(formatStep(step, planned, style(process.stdout)));
  if (options.dryRun) {
    print("nothing was written\n");
    return;
  }
  replaceFileText(file, text, planned.text);
  print(`wrote ${shortPath(file)}\nnext: review it, then run: pulumi up\n`);
}

/** How long an answer to a page is waited for. */
const ANSWER_MINUTES = 15;

async function provePager(options: FlipOptions, self: Command, { file, text, config }: Subject): Promise<void> {
  const { AlertmanagerApi, editStackText, proofEdits, replaceFileText } = loadFlip();
  const { alertmanagerUrl: url, by } = options;
  if (url === undefined || by === undefined) {
    self.error("error: --prove-pager needs --alertmanager-url and --by", { exitCode: 2 });
  }
  const alertmanager = new AlertmanagerApi(url);
  const page = { id: randomBytes(6).toString("hex"), code: String(randomInt(100_000, 1_000_000)) };
  const start = now();
  const limit = ANSWER_MINUTES * 60_000;
  await alertmanager.raise(page, start, new Date(start.getTime() + limit));
  try {
    await alertmanager.assertRouted(page);
    process.stdout.write(`the page is on its way, and has a code of six digits; ${ANSWER_MINUTES} minutes to answer\n`);
    await answered(page.code, limit);
  } finally {
    await alertmanager.raise(page, start, now());
  }
  replaceFileText(file, text, editStackText(text, file, proofEdits(config, { at: now(), by })));
  process.stdout.write(`the pager is proven\nwrote ${shortPath(file)}\n`);
}

/** Waits until somebody types the code. @throws UserError after three wrong ones, or too late */
async function answered(code: string, limit: number): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const timer = setTimeout(() => {
    lines.close();
  }, limit);
  try {
    process.stdout.write("code: ");
    let tries = 0;
    for await (const line of lines) {
      if (line.trim() === code) return;
      if (++tries === 3) throw new UserError("three wrong codes: the pager is not proven");
      process.stdout.write("that is not the code: ");
    }
  } finally {
    clearTimeout(timer);
    lines.close();
  }
  throw new UserError("nobody gave the code: the pager is not proven\nnext: see whether the page came, and to whom");
}
