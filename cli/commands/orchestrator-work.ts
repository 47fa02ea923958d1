import { Command, Option } from "commander";
import { loadDispatch, loadService } from "../../orchestrator/lazy";
import { readEnvironment } from "../environment";
import { logTo } from "../log-lines";
import { whole } from "../numbers";
import { told } from "../signals";
import { engineOptions, engineSettings, type EngineOptions } from "./engine-options";
import { natsAccess, natsOptions, natsSecrets, type NatsOptions } from "./nats-options";

interface WorkOptions extends NatsOptions, EngineOptions {
  dataDir: string;
  concurrency: number;
  drain: number;
}

/** `noetl-ops orchestrator work`: does what an orchestrator hands out by NATS. */
export function workCommand(): Command {
  const command = engineOptions(
    new Command("work").description("Do what orchestrators hand out by NATS: serve --dispatch nats."),
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
  const { dataDir, concurrency, drain, natsStream: stream } = options;
  const nats = natsAccess(options, command);
  const settings = engineSettings(options);
  const secrets = [...readEnvironment().secrets, ...natsSecrets(nats)];
  const log = logTo(process.stderr);
  const engine = loadService().engineFor({ ...settings, dataDir, secrets });
  const worker = await loadDispatch().Worker.start({ nats, stream, concurrency, engine, log });
  process.stdout.write(`working on ${stream}\n`);
  const signal = await told();
  log({ level: "info", event: "stopping", signal });
  await worker.stop(drain * 1000);
  log({ level: "info", event: "stopped" });
}
