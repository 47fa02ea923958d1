import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFolder } from "../../preview/project-folder";
import { STACK_FILE } from "../../stacks/config/file-text";
import type { TaskContext } from "../queue/runner";
import { LeaseLost, PermanentError } from "../tasks/errors";
import type { Json, JsonObject } from "../tasks/json";
import type { Engine, Work } from "./engine";
import { scopeUrns } from "./layers";
import { renderOf } from "./offline";
import type { PulumiFailure, PulumiJob, PulumiMessage } from "./pulumi-messages";
import { StackRefusal, type StackFolder } from "./stack-folder";

/** Milliseconds that an operation may take to end once it is told to: the CLI is asked twice by then, and killed. */
const PATIENCE_MS = 55_000;
/** The same where another may begin it soon: less than what is left of a lease that is given up. */
const LOST_MS = 5000;

/** Runs tasks by Pulumi's own engine: the CLI and the login of the process that serves. */
export class PulumiEngine implements Engine {
  readonly name = "pulumi";

  /** @param cache Folder for what outlives a task: whose lock of a stack is ours. */
  constructor(
    private readonly stacks: StackFolder,
    private readonly cache: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async run(work: Work, context: TaskContext): Promise<Json> {
    const { stack, file } = await this.ownFile(work);
    const { operation, previewOf, scope } = work;
    const targets = await this.targets(work, context);
    const workDir = dirname(file);
    return this.child({ operation, previewOf, stack, workDir, cache: this.cache, scope, targets }, context);
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

  /** What of the stack is to be made: by the render, since the state may not have it yet. What is destroyed, the state says. */
  private async targets(work: Work, context: TaskContext): Promise<string[] | undefined> {
    const isGoing = work.operation === "destroy" || (work.operation === "preview" && work.previewOf === "destroy");
    if ("all" in work.scope || isGoing) return undefined;
    this.log(context, "event", `rendering stack ${work.stack}`);
    const { graph } = await renderOf(this.stacks, work, context);
    return [...(scopeUrns(graph, work.scope) ?? [])];
  }

  private async child(job: PulumiJob, context: TaskContext): Promise<JsonObject> {
    context.signal.throwIfAborted();
    // A group of its own: the CLI and its plugins can be killed with it, and Ctrl-C on the service is not theirs.
    const child = fork(join(__dirname, "pulumi-child.cjs"), [projectFolder()], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      detached: true,
    });
    let done: JsonObject | undefined;
    let failed: PulumiFailure = { name: "Error", message: "its process has ended", errors: [] };
    child.on("message", (message: PulumiMessage) => {
      if ("done" in message) ({ done } = message);
      else if ("failed" in message) ({ failed } = message);
      else this.tell(message, context);
    });
    await this.ended(child, job, context.signal);
    context.signal.throwIfAborted();
    if (done) return done;
    throw errorOf(failed, job);
  }

  /** Waits for a child to end. One that is told to stop ends its operation as on Ctrl-C; one that does not is killed. */
  private async ended(child: ChildProcess, job: PulumiJob, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const stop = () => {
        child.send({ cancel: true }, () => undefined);
        timer = setTimeout(
          () => {
            if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
          },
          signal.reason instanceof LeaseLost ? Math.min(LOST_MS, this.patienceMs) : this.patienceMs,
        );
      };
      const over = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        resolve();
      };
      child.once("close", over).once("error", over);
      child.send(job, () => undefined);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  }

  private tell(message: PulumiMessage, context: TaskContext): void {
    if ("step" in message) this.log(context, "event", message.step);
    else if ("diagnostic" in message) {
      const { severity, message: text } = message.diagnostic;
      this.log(context, severity === "error" ? "stderr" : "stdout", text);
    } else if ("resource" in message) {
      const { op, urn, failed, done, total } = message.resource;
      const name = urn.split("::").slice(2).join(" ");
      this.log(context, failed ? "stderr" : "stdout", `${failed ? "failed to " : ""}${op} ${name}`);
      context.progress({ done, total, message: `${op} ${name}` }).catch(() => undefined);
    }
  }

  private log(context: TaskContext, stream: "stdout" | "stderr" | "event", text: string): void {
    // A lease that was lost, or a full disk: the operation goes on, and its end tells.
    context.log([{ at: Date.now(), stream, text: text.trimEnd() }]).catch(() => undefined);
  }
}

/** What the CLI's error means for another attempt. */
function errorOf({ code: known, name, message, errors }: PulumiFailure, job: PulumiJob): Error {
  if (known !== undefined) return new PermanentError(known, message);
  const text = errors.length > 0 ? errors.join("; ") : lineIn(message);
  const permanent = (code: string, reason: string) => new PermanentError(code, reason);
  if (message.includes("ENOENT")) return permanent("pulumi-missing", "the Pulumi CLI is not on PATH of the service");
  if (name === "StackNotFoundError" || message.includes("no stack named"))
    return permanent("stack-missing", `Pulumi has no stack ${job.stack}; create it first`);
  if (/PULUMI_ACCESS_TOKEN|pulumi login|passphrase must be set/.test(message))
    return permanent("pulumi-login", `Pulumi cannot open the stack: ${text}`);
  if (/Apply failed with \d+ conflict/.test(text))
    return permanent("field-conflict", `${text}; whoever else sets that field must let go of it first`);
  const code = name === "StackLocked" ? "stack-locked" : "pulumi-failed";
  return Object.assign(new Error(text), { code });
}

/** The line of the CLI that says what is wrong. */
function lineIn(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const said = lines.find((line) => /^(?:stderr: )?error:/.test(line));
  return said?.replace(/^(?:stderr: )?error:\s*/, "") ?? lines[0] ?? message;
}
