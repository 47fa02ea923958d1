import { Option, type Command } from "commander";
import type { Asking } from "../../orchestrator/client";
import { WORKFLOWS, type WorkflowKind } from "../../orchestrator/tasks/kinds";
import { whole } from "../numbers";

type Submission = Asking<"/workflows/cluster/create", "post">["body"];

/** What a task is about, in the words of the command line. */
export interface WorkflowOptions {
  infra: string;
  settings?: string;
  server?: string[];
  taskserv?: string;
  dependents?: boolean;
  operation: NonNullable<Submission["operation"]>;
  check?: boolean;
  approval?: boolean;
  name?: string;
  priority?: number;
  retries?: number;
  timeout?: number;
}

export function workflowOptions(): Option[] {
  const collect = (one: string, others: string[] = []): string[] => [...others, one];
  return [
    new Option("--infra <stack>", "the stack").makeOptionMandatory(),
    new Option("--settings <file>", "stack file below the service's project folder (default: Pulumi.<stack>.yaml)"),
    new Option("--server <name>", "of servers: a cluster or node pool; may be repeated").argParser(collect),
    new Option("--taskserv <layer>", "of taskserv: nats, postgres, server, workers …"),
    new Option("--operation <operation>", "what to do")
      .choices(["create", "update", "preview", "refresh", "destroy", "drift"])
      .default("create"),
    new Option("--dependents", "of servers and taskserv: destroy what needs it, too"),
    new Option("--check", "only preview it"),
    new Option("--approval", "preview it first, and wait for a person's approval"),
    new Option("--name <name>", "for people"),
    new Option("--priority <number>", "0 to 9, greater is more urgent (default: 5)").argParser(whole(0, 9)),
    new Option("--retries <number>", "further attempts after one that failed (default: 3)").argParser(whole(0, 100)),
    new Option("--timeout <seconds>", "of one attempt (default: 3600)").argParser(whole(1, 2_592_000)),
  ];
}

/** Ends the command for a workflow that there is not. */
export function assertWorkflow(workflow: string, command: Command): asserts workflow is WorkflowKind {
  if ((WORKFLOWS as readonly string[]).includes(workflow)) return;
  command.error(`error: there is no workflow '${workflow}'; it is one of ${WORKFLOWS.join(", ")}`);
}

/** The same in the words of the API; the service knows what each workflow needs. */
export function workflowBody(
  options: WorkflowOptions,
): Submission & { servers?: string[]; taskserv?: string; dependents?: boolean } {
  const { infra, operation, settings, server, taskserv, dependents, check, approval } = options;
  const { name, priority, retries, timeout } = options;
  return {
    infra,
    operation,
    ...(settings !== undefined && { settings }),
    ...(server !== undefined && { servers: server }),
    ...(taskserv !== undefined && { taskserv }),
    ...(dependents === true && { dependents }),
    ...(check === true && { check_mode: true }),
    ...(approval === true && { require_approval: true }),
    ...(name !== undefined && { name }),
    ...(priority !== undefined && { priority }),
    ...(retries !== undefined && { retries }),
    ...(timeout !== undefined && { timeout_seconds: timeout }),
  };
}
