import { Command, Option } from "commander";
import type { Asking, Client, QueueView } from "../../orchestrator/client";
import { asking, clientOf, print, type Common } from "../service-client";
import { style } from "../terminal";

/** Milliseconds between two looks at what still runs. */
const LOOK_MS = 500;

interface ScopeOptions extends Common {
  kind?: "servers" | "taskserv" | "cluster";
  stack?: string;
  why?: string;
}

/** `noetl-ops orchestrator queue`: holds up work, and lets it go on. */
export function queueCommand(): Command {
  return new Command("queue")
    .description("Hold up the work of an orchestrator, and let it go on.")
    .addCommand(showCommand())
    .addCommand(movingCommand("pause", "Begin no task until it is resumed; what runs goes on. Survives a restart."))
    .addCommand(movingCommand("resume", "Begin tasks again; without --kind and --stack, after a drain, too."))
    .addCommand(drainCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator queue show
  noetl-ops orchestrator queue pause --stack production --why 'release freeze'
  noetl-ops orchestrator queue drain --wait --why 'moving to another machine'

All but show need the role admin. Exit codes: 0 done, 1 refused, 2 wrong usage.`,
    );
}

function showCommand(): Command {
  return asking(new Command("show"))
    .description("Show what is paused, and how much waits.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator queue show
  noetl-ops orchestrator queue show --json | jq .data.waiting`,
    )
    .action(async (options: Common) => {
      print(await clientOf(options).get("/queue"), options, queueText);
    });
}

function movingCommand(verb: "pause" | "resume", description: string): Command {
  return asking(new Command(verb))
    .description(description)
    .addOption(new Option("--kind <kind>", "only tasks of a kind").choices(["servers", "taskserv", "cluster"]))
    .addOption(new Option("--stack <stack>", "only tasks of a stack").conflicts("kind"))
    .option("--why <reason>", "stands in the audit log")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator queue ${verb} --stack production --why 'release freeze'
  noetl-ops orchestrator queue ${verb} --kind cluster
  noetl-ops orchestrator queue ${verb}                      everything`,
    )
    .action(async (options: ScopeOptions) => {
      const { kind, stack, why } = options;
      const scope: Asking<"/queue/pause", "post">["body"]["scope"] =
        kind !== undefined ? { kind } : stack !== undefined ? { stack } : { all: true };
      const body = { scope, ...(why !== undefined && { why }) };
      const client = clientOf(options);
      const answer = await client.post(`/queue/${verb}`, { body });
      if (options.json === true) print(answer, options, () => "");
      else process.stdout.write(queueText((await client.get("/queue")).data));
    });
}

function drainCommand(): Command {
  return asking(new Command("drain"))
    .description("Take no new task and begin none, until everything is resumed or the service starts anew.")
    .option("--wait", "until nothing runs any more")
    .option("--why <reason>", "stands in the audit log")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator queue drain --wait --why 'moving to another machine'
  noetl-ops orchestrator queue resume               takes it back`,
    )
    .action(async (options: Common & { wait?: boolean; why?: string }) => {
      const client = clientOf(options);
      const body = options.why === undefined ? {} : { why: options.why };
      let answer = await client.post("/queue/drain", { body });
      if (options.wait === true) answer = await idle(client);
      print(answer, options, queueText);
    });
}

async function idle(client: Client) {
  for (;;) {
    const answer = await client.get("/queue");
    if (answer.data.running === 0) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function queueText({ draining, running, waiting, paused }: QueueView): string {
  const paint = style(process.stdout);
  const counts = Object.entries(waiting).filter(([, count]) => count > 0);
  const waits = counts.length === 0 ? "none waits" : counts.map(([what, count]) => `${count} wait: ${what}`).join(", ");
  const rows = [
    ...(draining ? [paint.yellow("drained: no new task is taken, and none begins")] : []),
    `${running} running, ${waits}`,
    ...paused.map(
      ({ scope, by, at, why }) => `${paint.yellow("paused")} ${scopeText(scope)} at ${at} by ${by}: ${why}`,
    ),
  ];
  return `${rows.join("\n")}\n`;
}

function scopeText(scope: QueueView["paused"][number]["scope"]): string {
  if ("all" in scope) return "everything";
  return "kind" in scope ? `kind ${scope.kind}` : `stack ${scope.stack}`;
}
