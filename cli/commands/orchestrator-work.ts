import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { loadDispatch, loadService } from "../../orchestrator/lazy";
import { projectFolder } from "../../preview/project-folder";
import { UserError } from "../../stacks/errors";
import { readEnvironment } from "../environment";
import { logTo } from "../log-lines";
import { whole } from "../numbers";
import { told } from "../signals";
import { natsAccess, natsOptions, type NatsOptions } from "./nats-options";

interface WorkOptions extends NatsOptions {
  project?: string;
  engine: "offline" | "pulumi";
  allowStack: string[];
  dataDir: string;
  concurrency: number;
  drain: number;
}

/** `noetl-ops orchestrator work`: does what an orchestrator hands out by NATS. */
export function workCommand(): Command {
  const collect = (name: string, names: string[]): string[] => [...names, name];
  const command = new Command("work")
    .description("Do what orchestrators hand out by NATS: serve --dispatch nats.")
    .option("--project <folder>", "folder of the stack files, the same as the orchestrator's (default: this project)")
    .addOption(
      new Option("--engine <engine>", "offline previews only; pulumi runs the CLI on PATH, as whoever is logged in")
        .choices(["offline", "pulumi"])
        .default("offline"),
    )
    .addOption(
      new Option("--allow-stack <pattern>", "stacks that may be worked on, as 'dev-*'; may be repeated")
        .argParser(collect)
        .default([], "all"),
    )
    .option("--data-dir <folder>", "folder that keeps whose lock of a stack is ours", "./data")
    .addOption(new Option("--concurrency <tasks>", "tasks that run at once").argParser(whole(1, 1000)).default(4))
    .addOption(
      new Option("--drain <seconds>", "how long to let tasks end when it is told to stop")
        .argParser(whole(0, 86_400))
        .default(30),
    )
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator work --nats-url nats://nats.nats.svc:4222 --nats-user orchestrator --nats-password-file password
  noetl-ops orchestrator work --engine pulumi --concurrency 2 --drain 300

Its log is on standard error, a JSON object a line. SIGTERM and Ctrl-C: it takes nothing more, what runs may end within
--drain seconds, and the rest goes to another worker. A second signal ends it at once.
Exit codes: 0 stopped, 1 it could not start, 2 wrong usage.`,
    )
    .action(work);
  for (const option of natsOptions()) command.addOption(option);
  return command;
}

async function work(options: WorkOptions, command: Command): Promise<void> {
  const { engine, dataDir, concurrency, drain, natsStream: stream } = options;
  const nats = natsAccess(options, command);
  const project = options.project ?? projectFolder();
  if (!existsSync(project)) throw new UserError(`there is no folder ${project}; name one with --project`);
  const secrets = [...readEnvironment().secrets, ...(nats.login ? [nats.login.password] : [])];
  const log = logTo(process.stderr);
  const allowed = options.allowStack.length === 0 ? undefined : options.allowStack;
  const made = loadService().engineFor({ engine, project, allowed, dataDir, secrets });
  const worker = await loadDispatch().Worker.start({ nats, stream, concurrency, engine: made, log });
  process.stdout.write(`working on ${stream}\n`);
  const signal = await told();
  log({ level: "info", event: "stopping", signal });
  await worker.stop(drain * 1000);
  log({ level: "info", event: "stopped" });
}
