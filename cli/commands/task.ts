import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { loadClient } from "../../orchestrator/lazy";
import type { Client } from "../../orchestrator/client";
import type { TaskView } from "../../orchestrator/api/task-view";
import { UserError } from "../../stacks/errors";
import { style } from "../terminal";

const WORKFLOWS = ["servers", "taskserv", "cluster"] as const;
const STATUSES = ["Pending", "Running", "Completed", "Failed", "Cancelled"] as const;

interface Common {
  url: string;
  tokenFile?: string;
  json?: boolean;
}

interface SubmitOptions extends Common {
  infra: string;
  settings?: string;
  server?: string[];
  taskserv?: string;
  operation: string;
  check?: boolean;
  approval?: boolean;
  after?: string[];
  key?: string;
  priority?: string;
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

/** Options that every command has that asks a service. */
function asking(command: Command): Command {
  return command
    .option("--url <address>", "address of the orchestrator", "http://127.0.0.1:8080")
    .option("--token-file <file>", "file that holds the token, where one is needed")
    .option("--json", "print the answer as JSON");
}

function clientOf({ url, tokenFile }: Common): Client {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UserError(`--url ${url} is no address; give one as http://127.0.0.1:8080`);
  }
  const { Client } = loadClient();
  return new Client({ url, token: tokenFile === undefined ? undefined : tokenIn(tokenFile) });
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UserError(`cannot read the token in ${file}: ${(error as Error).message}`);
  }
}

function submitCommand(): Command {
  const collect = (one: string, others: string[] = []): string[] => [...others, one];
  return asking(new Command("submit"))
    .description("Submit a task.")
    .argument("<workflow>", "servers: clusters and node pools; taskserv: one layer; cluster: a whole environment")
    .requiredOption("--infra <stack>", "the stack")
    .option("--settings <file>", "stack file below the service's project folder (default: Pulumi.<stack>.yaml)")
    .addOption(new Option("--server <name>", "of servers: a cluster or node pool; may be repeated").argParser(collect))
    .option("--taskserv <layer>", "of taskserv: nats, postgres, server, workers …")
    .addOption(
      new Option("--operation <operation>", "what to do")
        .choices(["create", "update", "preview", "refresh", "destroy", "drift"])
        .default("create"),
    )
    .option("--check", "only preview it")
    .option("--approval", "preview it first, and wait for a person's approval")
    .addOption(new Option("--after <id>", "a task that must be completed before; may be repeated").argParser(collect))
    .option("--key <key>", "submitting the same key again gives the same task")
    .option("--priority <number>", "0 to 9, greater is more urgent (default: 5)")
    .option("--watch", "follow it until it has ended")
    .action(async (workflow: string, options: SubmitOptions, command: Command) => {
      if (!(WORKFLOWS as readonly string[]).includes(workflow)) {
        command.error(`error: there is no workflow '${workflow}'; it is one of ${WORKFLOWS.join(", ")}`);
      }
      await submit(workflow, options);
    });
}

async function submit(workflow: string, options: SubmitOptions): Promise<void> {
  const client = clientOf(options);
  const { infra, settings, server, taskserv, operation, check, approval, after, key, priority, watch, json } = options;
  const body = {
    infra,
    operation,
    ...(settings !== undefined && { settings }),
    ...(server !== undefined && { servers: server }),
    ...(taskserv !== undefined && { taskserv }),
    ...(check === true && { check_mode: true }),
    ...(approval === true && { require_approval: true }),
    ...(after !== undefined && { depends_on: after }),
    ...(priority !== undefined && { priority: Number(priority) }),
  };
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const answer = await client.post<string>(`/workflows/${workflow}/create`, body, headers);
  if (watch === true) {
    await follow(client, answer.data, json === true);
    return;
  }
  process.stdout.write(json === true ? `${JSON.stringify(answer, null, 2)}\n` : `${answer.data}\n`);
}

function listCommand(): Command {
  return asking(new Command("list"))
    .description("List tasks, the newest first.")
    .addOption(new Option("--status <status>", "only those in this status").choices(STATUSES))
    .option("--infra <stack>", "only those of a stack")
    .option("--needs-approval", "only those that wait for an approval")
    .option("--limit <number>", "how many at most", "50")
    .option("--cursor <cursor>", "go on where the page before ended")
    .action(
      async (
        options: Common & { status?: string; infra?: string; needsApproval?: boolean; limit: string; cursor?: string },
      ) => {
        const { status, infra, needsApproval, limit, cursor, json } = options;
        const query = new URLSearchParams({
          limit,
          ...(status !== undefined && { status }),
          ...(infra !== undefined && { stack: infra }),
          ...(needsApproval === true && { needs_approval: "true" }),
          ...(cursor !== undefined && { cursor }),
        });
        const answer = await clientOf(options).get<TaskView[]>(`/tasks?${query.toString()}`);
        if (json === true) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
        else process.stdout.write(listText(answer.data, answer.cursor ?? null));
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

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
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
    .action(async (id: string, options: Common) => {
      const answer = await clientOf(options).get<TaskView>(taskPath(id));
      if (options.json === true) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
      else process.stdout.write(taskText(answer.data));
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
    .description("Follow a task until it has ended.")
    .argument("<id>", "id of the task")
    .action(async (id: string, options: Common) => {
      await follow(clientOf(options), id, options.json === true);
    });
}

async function follow(client: Client, id: string, json: boolean): Promise<void> {
  const lost = (): void => {
    process.stderr.write("the orchestrator is gone; asking again\n");
  };
  for await (const { event, data } of client.watch(id, lost)) {
    if (json) process.stdout.write(`${JSON.stringify({ event, ...data })}\n`);
    else process.stdout.write(`${eventText(event, data)}\n`);
  }
  const { data: task } = await client.get<TaskView>(taskPath(id));
  if (!json) process.stdout.write(taskText(task));
  if (task.status !== "Completed") process.exitCode = 1;
}

function eventText(event: string, data: Record<string, unknown>): string {
  const word = (key: string): string => (typeof data[key] === "string" ? data[key] : "");
  if (event === "progress") return `${String(data.done)} of ${String(data.total)}  ${word("message")}`;
  return `${word("at")}  ${(word("to") || word("action")).padEnd(9)}  ${word("by")}: ${word("why")}`;
}

function logsCommand(): Command {
  return asking(new Command("logs"))
    .description("Print what a task printed.")
    .argument("<id>", "id of the task")
    .option("--follow", "go on until the task has ended")
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
    .action(async (id: string, options: Common & { why?: string }) => {
      const body = options.why === undefined ? {} : { why: options.why };
      const answer = await clientOf(options).post<TaskView>(`${taskPath(id)}/${verb}`, body);
      if (options.json === true) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
      else
        process.stdout.write(`${answer.data.id}  ${answer.data.cancelling ? "is told to stop" : answer.data.status}\n`);
    });
}

function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id)}`;
}
