import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { formatProblems } from "../stacks/config/format";
import { ConfigError } from "../stacks/config/problem";
import { UserError } from "../stacks/errors";
import { adoptCommand } from "./commands/adopt";
import { bumpImageCommand } from "./commands/bump-image";
import { checkCommand } from "./commands/check";
import { configCommand } from "./commands/config";
import { diffCommand } from "./commands/diff";
import { flipCommand } from "./commands/flip";
import { graphCommand } from "./commands/graph";
import { natsCommand } from "./commands/nats";
import { networkCommand } from "./commands/network";
import { orchestratorCommand } from "./commands/orchestrator";
import { previewCommand } from "./commands/preview";
import { queryCommand } from "./commands/query";
import { scheduleCommand } from "./commands/schedule";
import { secretsCommand } from "./commands/secrets";
import { shardCommand } from "./commands/shard";
import { simulateCommand } from "./commands/simulate";
import { taskCommand } from "./commands/task";
import { testCommand } from "./commands/test";
import { verifyCommand } from "./commands/verify";
import { style } from "./terminal";
import { tellUsage } from "./usage";

/** Exit codes of every command. */
const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** All commands. */
export function program(): Command {
  return throwing(
    new Command("noetl-ops")
      .description("The NoETL platform: preview, check and operate its environments.")
      .version(`noetl-ops ${version}, Node.js ${process.version}`, "-V, --version", "print the version")
      .addCommand(previewCommand())
      .addCommand(checkCommand())
      .addCommand(graphCommand())
      .addCommand(diffCommand())
      .addCommand(configCommand())
      .addCommand(simulateCommand())
      .addCommand(natsCommand())
      .addCommand(networkCommand())
      .addCommand(adoptCommand())
      .addCommand(queryCommand())
      .addCommand(bumpImageCommand())
      .addCommand(flipCommand())
      .addCommand(secretsCommand())
      .addCommand(shardCommand())
      .addCommand(verifyCommand())
      .addCommand(orchestratorCommand())
      .addCommand(taskCommand())
      .addCommand(scheduleCommand())
      .addCommand(testCommand())
      .addHelpText(
        "after",
        `
Examples:
  noetl-ops preview                     what stack kind deploys
  noetl-ops check                       whether every stack holds together
  noetl-ops diff main                   what Kubernetes will do with your edits
  noetl-ops config set server.rustLog debug --stack kind

A stack NAME is the file Pulumi.NAME.yaml. Exit codes: 0 done, 1 a problem was found, 2 wrong usage.`,
      ),
  );
}

/** Makes a command and all below it throw where they would end the process, so that one place decides the exit code. */
function throwing(command: Command): Command {
  tellUsage(command.exitOverride());
  command.commands.forEach(throwing);
  return command;
}

/**
 * Runs one command.
 *
 * @returns the exit code: 0 done, 1 the command found a problem or failed, 2 it was called wrongly.
 */
export async function main(args: readonly string[]): Promise<number> {
  process.stdout.on("error", endWithReader);
  try {
    await program().parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return report(error);
  }
}

/** `noetl-ops preview | head` closes the pipe when it has read enough: that is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const paint = style(process.stderr);
  if (error instanceof ConfigError) process.stderr.write(`${formatProblems(error, paint)}\n`);
  else if (error instanceof UserError) process.stderr.write(`${paint.red("error:")} ${error.message}\n`);
  else {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${paint.red("noetl-ops has a bug:")} ${trace}\n`);
  }
  return EXIT.failed;
}
