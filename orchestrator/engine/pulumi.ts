import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { STACK_FILE } from "../../stacks/config/file-text";
import type { TaskContext } from "../queue/runner";
import { PermanentError } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Engine, Work } from "./engine";
import { scopeUrns } from "./layers";
import { renderOf } from "./offline";
import { StackRefusal, type StackFolder } from "./stack-folder";

/** Milliseconds that Pulumi may take to end an operation it was told to end, before it is killed. */
const PATIENCE_MS = 45_000;

/** What the child sends. */
type Message =
  | { diagnostic: { severity: string; message: string } }
  | { step: { op: string; urn: string; failed: boolean } }
  | { changes: Record<string, number> }
  | { done: true }
  | { failed: { name: string; message: string } };

/** What the child is asked for. */
interface Job {
  operation: Work["operation"] | "previewDestroy" | "cancel";
  stackName: string;
  workDir: string;
  target: string[] | undefined;
}

/** Runs tasks by Pulumi's own engine: the CLI and the login of the process that serves. */
export class PulumiEngine implements Engine {
  readonly name = "pulumi";

  constructor(
    private readonly stacks: StackFolder,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async run(work: Work, context: TaskContext): Promise<Json> {
    const { stack, file } = await this.ownFile(work);
    const operation: Job["operation"] =
      work.operation === "preview" && work.previewOf === "destroy" ? "previewDestroy" : work.operation;
    const job: Job = { operation, stackName: stack, workDir: dirname(file), target: await this.targets(work, context) };
    const told = await this.child(job, context);
    return { engine: "pulumi", operation: work.operation, changes: told.changes, resources: told.steps };
  }

  private async ownFile({ stack, settings }: Work): Promise<{ stack: string; file: string }> {
    let file: string;
    try {
      ({ file } = await this.stacks.find(stack, settings));
    } catch (error) {
      if (error instanceof StackRefusal) throw new PermanentError(error.code, error.message);
      throw error;
    }
    if (STACK_FILE.exec(file.slice(dirname(file).length + 1))?.[1] !== stack) {
      const message = `Pulumi reads stack ${stack} from Pulumi.${stack}.yaml only; leave out settings, or preview it with check_mode on an offline engine`;
      throw new PermanentError("settings-refused", message);
    }
    if (!existsSync(join(dirname(file), "Pulumi.yaml")))
      throw new PermanentError("project-missing", "there is no Pulumi.yaml beside the stack file");
    return { stack, file };
  }

  /** What of the stack is to be changed: by the render, since the state may not have it yet. */
  private async targets(work: Work, context: TaskContext): Promise<string[] | undefined> {
    if ("all" in work.scope) return undefined;
    const { graph } = await renderOf(this.stacks, work, context);
    return [...(scopeUrns(graph, work.scope) ?? [])];
  }

  private async child(job: Job, context: TaskContext) {
    context.signal.throwIfAborted();
    // A group of its own: the CLI and its plugins can be killed with it, and Ctrl-C on the service is not theirs.
    const child = fork(join(__dirname, "pulumi-child.cjs"), [], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      detached: true,
    });
    const told = { changes: {} as Record<string, number>, steps: 0 };
    const errors: string[] = [];
    let end: Message | undefined;
    child.on("message", (message: Message) => {
      if ("changes" in message) told.changes = message.changes;
      else if ("step" in message) this.step(message.step, ++told.steps, context);
      else if ("diagnostic" in message) {
        const { severity, message: text } = message.diagnostic;
        if (severity === "error") errors.push(text.trim());
        this.log(context, severity === "error" ? "stderr" : "stdout", text);
      } else end = message;
    });
    const { killed } = await this.ended(child, job, context.signal);
    if (killed) await this.unlock(job);
    context.signal.throwIfAborted();
    if (end && "done" in end) return told;
    throw errorOf(
      end && "failed" in end ? end.failed : { name: "Error", message: "its process has ended" },
      errors,
      job,
    );
  }

  /** Waits for a child to end. One that is told to stop ends its operation as on Ctrl-C; one that does not is killed. */
  private async ended(child: ChildProcess, job: Job, signal: AbortSignal): Promise<{ killed: boolean }> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      let killed = false;
      const stop = () => {
        child.send({ cancel: true }, () => undefined);
        timer = setTimeout(() => {
          killed = true;
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        }, this.patienceMs);
      };
      const over = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        resolve({ killed });
      };
      child.once("close", over).once("error", over);
      child.send(job, () => undefined);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** An engine that was killed leaves its lock; its owner is known to be dead. */
  private async unlock({ stackName, workDir }: Job): Promise<void> {
    const child = fork(join(__dirname, "pulumi-child.cjs"), [], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    });
    const job: Job = { operation: "cancel", stackName, workDir, target: undefined };
    await this.ended(child, job, new AbortController().signal);
  }

  private step({ op, urn, failed }: { op: string; urn: string; failed: boolean }, done: number, context: TaskContext) {
    if (op === "same" || op === "read") return;
    const name = urn.split("::").slice(2).join(" ");
    this.log(context, failed ? "stderr" : "stdout", `${failed ? "failed to " : ""}${op} ${name}`);
    context.progress({ done, total: done, message: `${op} ${name}` }).catch(() => undefined);
  }

  private log(context: TaskContext, stream: "stdout" | "stderr", text: string): void {
    // A lease that was lost, or a full disk: the operation goes on, and its end tells.
    context.log([{ at: Date.now(), stream, text: text.trimEnd() }]).catch(() => undefined);
  }
}

/** What the CLI's error means for another attempt. */
function errorOf({ name, message }: { name: string; message: string }, errors: readonly string[], job: Job): Error {
  const text = errors.length > 0 ? errors.join("; ") : lineIn(message);
  const permanent = (code: string, reason: string) => new PermanentError(code, reason);
  if (message.includes("ENOENT")) return permanent("pulumi-missing", "the Pulumi CLI is not on PATH of the service");
  if (name === "StackNotFoundError" || message.includes("no stack named"))
    return permanent("stack-missing", `Pulumi has no stack ${job.stackName}; create it first`);
  if (/PULUMI_ACCESS_TOKEN|pulumi login|passphrase must be set/.test(message))
    return permanent("pulumi-login", `Pulumi cannot open the stack: ${text}`);
  const code = /currently locked|Another update is currently in progress/.test(`${message} ${text}`)
    ? "stack-locked"
    : "pulumi-failed";
  return Object.assign(new Error(text), { code });
}

/** The line of the CLI that says what is wrong. */
function lineIn(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const said = lines.find((line) => /^(?:stderr: )?error:/.test(line));
  return said?.replace(/^(?:stderr: )?error:\s*/, "") ?? lines[0] ?? message;
}
