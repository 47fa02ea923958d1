import { Command, Option } from "commander";
import type { Asking, Client, TaskView } from "../../orchestrator/client";
import { KINDS, OPERATIONS, type WorkflowKind } from "../../orchestrator/tasks/kinds";
import { firstLine } from "../../stacks/errors";
import { LiveLine, progressText } from "../live-line";
import { asking, clientOf, print, type Common } from "../service-client";
import { style } from "../terminal";
import { assertWorkflow, workflowBody, workflowOptions, type WorkflowOptions } from "./workflow-options";

const STATUSES = ["Pending", "Running", "Completed", "Failed", "Cancelled"] as const;

type Listing = NonNullable<Asking<"/tasks", "get">["query"]>;

interface SubmitOptions extends Common, WorkflowOptions {
  after?: string[];
  key?: string;
  watch?: boolean;
}

/** `noetl-ops task`: submits tasks to an orchestrator, and follows them. */
export function taskCommand(): Command {
  return new Command("task")
    .description("Submit tasks to an orchestrator, and follow them.")
    .addCommand(submitCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(watchCommand())
    .addCommand(logsCommand())
    .addCommand(moveCommand("cancel", "Cancel a task that waits, or ask one that runs to stop."))
    .addCommand(moveCommand("retry", "Put a task that failed or was cancelled in line again."))
    .addCommand(moveCommand("approve", "Let a task run that waits for an approval."))
    .addCommand(moveCommand("reject", "Cancel a task that waits for an approval."))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task submit cluster --infra kind --check --watch      preview a whole environment
  noetl-ops task submit taskserv --infra kind --taskserv nats --approval
  noetl-ops task list --status Failed
  noetl-ops task approve 4f0c… --why 'read the preview'

Exit codes: 0 done, 1 refused, or the task that was watched did not complete, 2 wrong usage.`,
    );
}

function submitCommand(): Command {
  const collect = (one: string, others: string[] = []): string[] => [...others, one];
  const command = asking(new Command("submit"))
    .description("Submit a task.")
    .argument("<workflow>", "servers: clusters and node pools; taskserv: one layer; cluster: a whole environment")
    .addOption(new Option("--after <id>", "a task that must be completed before; may be repeated").argParser(collect))
    .option("--key <key>", "submitting the same key again gives the same task")
    .option("--watch", "follow it until it has ended")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task submit cluster --infra kind --check --watch
  noetl-ops task submit servers --infra gke-base --server pool-a --server pool-b --approval
  noetl-ops task submit taskserv --infra kind --taskserv nats --key release-17`,
    )
    .action(async (workflow: string, options: SubmitOptions, self: Command) => {
      assertWorkflow(workflow, self);
      await submit(workflow, options);
    });
  for (const option of workflowOptions()) command.addOption(option);
  return command;
}

async function submit(workflow: WorkflowKind, options: SubmitOptions): Promise<void> {
  const client = clientOf(options);
  const { after, key, watch, json } = options;
  const body = { ...workflowBody(options), ...(after !== undefined && { depends_on: after }) };
  const header = key === undefined ? {} : { "idempotency-key": key };
  const answer = await client.post(`/workflows/${workflow}/create`, { body, header });
  if (watch === true) {
    await follow(client, [answer.data], json === true);
    return;
  }
  print(answer, options, (id) => `${id}\n`);
}

function listCommand(): Command {
  return asking(new Command("list"))
    .description("List tasks, the newest first.")
    .addOption(new Option("--status <status>", "only those in this status").choices(STATUSES))
    .addOption(new Option("--kind <kind>", "only those of a workflow").choices(KINDS))
    .addOption(new Option("--operation <operation>", "only those of an operation").choices(Object.keys(OPERATIONS)))
    .option("--infra <stack>", "only those of a stack")
    .option("--needs-approval", "only those that wait for an approval")
    .option("--limit <number>", "how many at most", "50")
    .option("--cursor <cursor>", "go on where the page before ended")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task list --status Failed --infra kind
  noetl-ops task list --kind taskserv --operation drift --limit 10`,
    )
    .action(
      async (
        options: Common & {
          status?: Listing["status"];
          kind?: Listing["kind"];
          operation?: Listing["operation"];
          infra?: string;
          needsApproval?: boolean;
          limit: string;
          cursor?: string;
        },
      ) => {
        const { status, kind, operation, infra, needsApproval, limit, cursor } = options;
        const query = {
          limit: Number(limit),
          ...(status !== undefined && { status }),
          ...(kind !== undefined && { kind }),
          ...(operation !== undefined && { operation }),
          ...(infra !== undefined && { stack: infra }),
          ...(needsApproval === true && { needs_approval: "true" as const }),
          ...(cursor !== undefined && { cursor }),
        };
        const answer = await clientOf(options).get("/tasks", { query });
        print(answer, options, (tasks) => listText(tasks, answer.cursor ?? null));
      },
    );
}

function listText(tasks: readonly TaskView[], cursor: string | null): string {
  const paint = style(process.stdout);
  const lines = tasks.map(({ id, status, kind, operation, stack, waiting, error }) => {
    const note = error?.message ?? (waiting === null ? "" : `waits: ${waiting}`);
    return `${id}  ${painted(status.padEnd(9), status)}  ${kind.padEnd(8)}  ${operation.padEnd(7)}  ${stack ?? ""}  ${paint.dim(firstLine(note))}`.trimEnd();
  });
  const more = cursor === null ? [] : [paint.dim(`more: --cursor ${cursor}`)];
  return tasks.length === 0 ? "no tasks\n" : `${[...lines, ...more].join("\n")}\n`;
}

function painted(text: string, status: string): string {
  const paint = style(process.stdout);
  if (status === "Failed") return paint.red(text);
  if (status === "Completed") return paint.green(text);
  return status === "Running" ? paint.cyan(text) : text;
}

function showCommand(): Command {
  return asking(new Command("show"))
    .description("Show a task with its history.")
    .argument("<id>", "id of the task")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task show 4f0c…
  noetl-ops task show 4f0c… --json | jq .data.result`,
    )
    .action(async (id: string, options: Common) => {
      const answer = await clientOf(options).get("/tasks/{id}", { path: { id } });
      print(answer, options, taskText);
    });
}

function taskText(task: TaskView): string {
  const paint = style(process.stdout);
  const { id, status, kind, operation, stack, by, attempts, retries, history, error, result, waiting } = task;
  const rows = [
    `${paint.bold(id)}  ${painted(status, status)}`,
    `${kind} ${operation} of ${stack ?? "no stack"}, by ${by}, attempt ${attempts} of ${retries + 1}`,
    ...(waiting === null ? [] : [`waits: ${waiting}`]),
    ...history.map(({ at, to, by: who, why }) => paint.dim(`${at}  ${to.padEnd(9)}  ${who}: ${why}`)),
    ...(error ? [`${paint.red("error:")} ${error.message} [${error.code}]`] : []),
    ...(result === null ? [] : [JSON.stringify(result, null, 2)]),
  ];
  return `${rows.join("\n")}\n`;
}

function watchCommand(): Command {
  return asking(new Command("watch"))
    .description("Follow tasks until all have ended.")
    .argument("<id...>", "ids of the tasks")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task watch 4f0c…
  noetl-ops task watch 4f0c… 51d2… --json`,
    )
    .action(async (ids: string[], options: Common) => {
      await follow(clientOf(options), ids, options.json === true);
    });
}

/** Tells what happens to tasks until all have ended; where they are several, each line begins with the task's id. */
async function follow(client: Client, ids: readonly string[], json: boolean): Promise<void> {
  const live = new LiveLine(process.stdout);
  const progress = new Map<string, string>();
  const isOne = ids.length === 1;
  const named = (id: string, text: string): string => (isOne ? text : `${id}  ${text}`);
  const lost = (): void => {
    process.stderr.write("the orchestrator is gone; asking again\n");
  };
  const watch = async (id: string): Promise<TaskView> => {
    for await (const { event, data } of client.watch(id, lost)) {
      if (json) live.print(JSON.stringify({ event, ...(isOne ? {} : { task: id }), ...data }));
      else if (event === "progress") {
        progress.set(id, named(id, progressText(Number(data.done), Number(data.total), wordOf(data, "message"))));
        live.replace(process.stdout.isTTY ? [...progress.values()].join("  ") : (progress.get(id) ?? ""));
      } else live.print(named(id, eventText(data)));
    }
    progress.delete(id);
    return (await client.get("/tasks/{id}", { path: { id } })).data;
  };
  const tasks = await Promise.all(ids.map(watch)).finally(() => {
    live.end();
  });
  const [task] = tasks;
  if (!json && task) process.stdout.write(isOne ? taskText(task) : listText(tasks, null));
  if (tasks.some(({ status }) => status !== "Completed")) process.exitCode = 1;
}

function eventText(data: Record<string, unknown>): string {
  const what = wordOf(data, "to") || wordOf(data, "action");
  return `${wordOf(data, "at")}  ${what.padEnd(9)}  ${wordOf(data, "by")}: ${wordOf(data, "why")}`;
}

function wordOf(data: Record<string, unknown>, key: string): string {
  return typeof data[key] === "string" ? data[key] : "";
}

function logsCommand(): Command {
  return asking(new Command("logs"))
    .description("Print what a task printed.")
    .argument("<id>", "id of the task")
    .option("--follow", "go on until the task has ended")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task logs 4f0c… --follow`,
    )
    .action(async (id: string, options: Common & { follow?: boolean }) => {
      for await (const line of clientOf(options).logs(id, options.follow === true)) {
        process.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : `${line.text}\n`);
      }
    });
}

function moveCommand(verb: "cancel" | "retry" | "approve" | "reject", description: string): Command {
  return asking(new Command(verb))
    .description(description)
    .argument("<id>", "id of the task")
    .option("--why <reason>", "stands in the task's history")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops task ${verb} 4f0c…
  noetl-ops task ${verb} 4f0c… --why 'as agreed with ann'

noetl-ops task list has the ids.`,
    )
    .action(async (id: string, options: Common & { why?: string }) => {
      const body = options.why === undefined ? {} : { why: options.why };
      const answer = await clientOf(options).post(`/tasks/{id}/${verb}`, { path: { id }, body });
      print(answer, options, (task) => `${task.id}  ${task.cancelling ? "is told to stop" : task.status}\n`);
    });
}
