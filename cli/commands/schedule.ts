import { Command, Option } from "commander";
import type { Asking, ScheduleView } from "../../orchestrator/client";
import { asking, clientOf, print, type Common } from "../service-client";
import { style } from "../terminal";
import { assertWorkflow, workflowBody, workflowOptions, type WorkflowOptions } from "./workflow-options";

type Creation = Asking<"/schedules", "post">["body"];

interface CreateOptions extends Common, WorkflowOptions {
  id: string;
  cron: string;
  timezone: string;
  overlap: NonNullable<Creation["overlap"]>;
}

/** `noetl-ops schedule`: has an orchestrator submit tasks by the clock. */
export function scheduleCommand(): Command {
  return new Command("schedule")
    .description("Have an orchestrator submit tasks by the clock.")
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(movingCommand("pause", "Submit nothing until it is resumed."))
    .addCommand(movingCommand("resume", "Submit again, from the next time on."))
    .addCommand(deleteCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule create cluster --id nightly-drift --cron '0 3 * * *' --timezone Europe/Prague --infra gke --operation drift
  noetl-ops schedule list
  noetl-ops schedule pause nightly-drift --why 'release freeze'

Exit codes: 0 done, 1 refused, 2 wrong usage.`,
    );
}

function createCommand(): Command {
  const command = asking(new Command("create"))
    .description("Submit a task again and again, by a cron expression.")
    .argument("<workflow>", "servers, taskserv or cluster, as for noetl-ops task submit")
    .requiredOption("--id <id>", "name of the schedule: letters, digits, _ and -")
    .requiredOption("--cron <expression>", "five fields, as '0 3 * * 1-5'; six with seconds before them")
    .option("--timezone <zone>", "time zone of the expression, as Europe/Prague", "UTC")
    .addOption(
      new Option(
        "--overlap <policy>",
        "when the task of the time before has not ended: skip leaves the time out, allow submits beside it, replace cancels it",
      )
        .choices(["skip", "allow", "replace"])
        .default("skip"),
    )
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule create cluster --id nightly-drift --cron '0 3 * * *' --infra gke --operation drift
  noetl-ops schedule create taskserv --id weekly --cron '0 6 * * MON' --timezone Europe/Prague --infra kind --taskserv nats --check

It is submitted once for each time, whatever crashes in between; of the times that pass while the orchestrator is away, once.`,
    )
    .action(async (workflow: string, options: CreateOptions, self: Command) => {
      assertWorkflow(workflow, self);
      const { id, cron, timezone, overlap } = options;
      // The service says what a workflow lacks.
      const task = { workflow, ...workflowBody(options) } as Creation["task"];
      const body = { id, cron, timezone, overlap, task };
      print(await clientOf(options).post("/schedules", { body }), options, scheduleText);
    });
  for (const option of workflowOptions()) command.addOption(option);
  return command;
}

function listCommand(): Command {
  return asking(new Command("list"))
    .description("List schedules, with their next time.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule list
  noetl-ops schedule list --json | jq -r '.data[].id'`,
    )
    .action(async (options: Common) => {
      print(await clientOf(options).get("/schedules"), options, listText);
    });
}

function showCommand(): Command {
  return asking(new Command("show"))
    .description("Show a schedule with its next times.")
    .argument("<id>", "name of the schedule")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule show nightly`,
    )
    .action(async (id: string, options: Common) => {
      print(await clientOf(options).get("/schedules/{id}", { path: { id } }), options, scheduleText);
    });
}

function movingCommand(verb: "pause" | "resume", description: string): Command {
  return asking(new Command(verb))
    .description(description)
    .argument("<id>", "name of the schedule")
    .option("--why <reason>", "stands in the audit log")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule ${verb} nightly --why 'release freeze'`,
    )
    .action(async (id: string, options: Common & { why?: string }) => {
      const body = options.why === undefined ? {} : { why: options.why };
      print(await clientOf(options).post(`/schedules/{id}/${verb}`, { path: { id }, body }), options, scheduleText);
    });
}

function deleteCommand(): Command {
  return asking(new Command("delete"))
    .description("Delete a schedule; what it has submitted stays.")
    .argument("<id>", "name of the schedule")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops schedule delete nightly`,
    )
    .action(async (id: string, options: Common) => {
      print(await clientOf(options).delete("/schedules/{id}", { path: { id } }), options, () => `${id} was deleted\n`);
    });
}

function listText(schedules: readonly ScheduleView[]): string {
  if (schedules.length === 0) return "no schedules\n";
  const widest = Math.max(...schedules.map(({ id }) => id.length));
  const lines = schedules.map(({ id, cron, timezone, paused, next: [first = "never"], task }) => {
    const when = paused ? "paused" : first;
    return `${id.padEnd(widest)}  ${when.padEnd(24)}  ${cron} ${timezone}  ${taskText(task)}`;
  });
  return `${lines.join("\n")}\n`;
}

function scheduleText(schedule: ScheduleView): string {
  const paint = style(process.stdout);
  const { id, cron, timezone, overlap, task, by, paused, next, last_at: at, last_task: last } = schedule;
  const rows = [
    `${paint.bold(id)}  ${cron} ${timezone}  overlap: ${overlap}`,
    `${taskText(task)}, by ${by}`,
    ...(paused ? [`${paint.yellow("paused")} at ${paused.at} by ${paused.by}: ${paused.why}`] : []),
    ...(at === null ? [] : [`last: ${at}  ${last ?? ""}`.trimEnd()]),
    ...next.map((time, place) => `${place === 0 ? "next: " : "      "}${time}`),
  ];
  return `${rows.join("\n")}\n`;
}

function taskText({ workflow, operation, infra, check_mode: checked }: Record<string, unknown>): string {
  const what = checked === true ? `preview of ${String(operation)}` : String(operation);
  return `${String(workflow)} ${what} of ${String(infra)}`;
}
