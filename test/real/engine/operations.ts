/**
 * A process that runs operations of the engine for its parent. An inline program and the engine share a fate: when one
 * of them is killed, promises of the other are rejected that nobody can await, which would end a test run.
 */
import { type EngineEvent, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { program } from "../../../stacks/program";
import { PROJECT } from "../../../stacks/schema";

/** A stack to make or to open. */
export interface StackSettings {
  name: string;
  /** Folder with Pulumi.yaml and the stack file. */
  workDir: string;
  pulumiHome: string;
  /** Folder whose `bin/pulumi` is the CLI. */
  root: string;
  env: Record<string, string>;
  /** Whether the program runs in this process; otherwise the CLI runs the project. */
  inline: boolean;
}

export type Operation = "preview" | "up" | "refresh" | "destroy";

/** What the parent sends: settings first, then one operation after the other. */
export type Request = { settings: StackSettings } | { operation: Operation; clearPendingCreates?: boolean };

/** What it hears; `done` and `failed` end an answer. */
export type Report = { output: string } | { event: EngineEvent } | { done: true } | { failed: string };

let stack: Stack;

async function open({ name, workDir, pulumiHome, root, env, inline }: StackSettings): Promise<void> {
  const options = { workDir, pulumiHome, envVars: env, pulumiCommand: await PulumiCommand.get({ root }) };
  stack = inline
    ? await LocalWorkspace.createOrSelectStack(
        { stackName: name, projectName: PROJECT, program: () => Promise.resolve(program()) },
        options,
      )
    : await LocalWorkspace.createOrSelectStack({ stackName: name, workDir }, options);
}

async function run(operation: Operation, options: object): Promise<void> {
  const onOutput = (output: string): void => {
    report({ output });
  };
  const onEvent = (event: EngineEvent): void => {
    if (!isDebug(event)) report({ event });
  };
  await stack[operation]({ ...options, color: "never", onOutput, onError: onOutput, onEvent });
}

/**
 * What the SDK says for those who debug it: every answer of the engine, with the secrets in it. Whoever listens to
 * events must drop it, as the CLI does unless it is called with `--debug`.
 */
function isDebug({ diagnosticEvent }: EngineEvent): boolean {
  return (diagnosticEvent?.severity as string | undefined) === "debug";
}

function report(report: Report): void {
  process.send?.(report);
}

process.on("unhandledRejection", () => undefined);
process.once("disconnect", () => process.exit());
process.on("message", (request: Request) => {
  const work = "settings" in request ? open(request.settings) : run(request.operation, request);
  work.then(
    () => {
      report({ done: true });
    },
    (error: unknown) => {
      report({ failed: (error as Error).message });
    },
  );
});
