import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { isScalar, type Node, parseDocument } from "yaml";
import { PROJECT } from "../../../stacks/schema";
import { namesOf } from "./live";
import type { Operation, Report, Request, StackSettings } from "./operations";
import { createdBy, errorsIn, planOf } from "./plan";

const run = promisify(execFile);

/** What an operation did. */
export interface Run {
  /** See {@link planOf}. */
  plan: string[];
  /** URNs of resources that it creates, sorted. */
  created: string[];
  /** How many resources got each kind of step. */
  changes: Readonly<Record<string, number | undefined>>;
}

/** An operation failed. The message is what the engine printed. */
export class RunFailed extends Error {
  constructor(
    message: string,
    /** See {@link errorsIn}. */
    readonly errors: string[],
  ) {
    super(message);
  }
}

/** A value of a stack file; undefined removes it. */
export type Setting = string | number | boolean | undefined;

/** A resource in Pulumi's state, as far as it is read here. */
interface StateResource {
  type: string;
  inputs?: { kind: string; metadata?: { name: string; namespace?: string } };
}

/** A stack under the real engine. Remembers everything that the engine says. */
export class OpenStack {
  /** All output and all events of all operations. */
  readonly said: string[] = [];
  /** Events of the operation that runs, or of the last one. */
  events: EngineEvent[] = [];
  readonly #process: ChildProcess;

  private constructor(
    readonly settings: StackSettings,
    /** Folder that holds all that belongs to it. */
    readonly home: string,
  ) {
    this.#process = fork(join(__dirname, "operations.ts"), { execArgv: ["--import", "tsx"] });
  }

  /** Makes a stack. @param home folder that holds all that belongs to it */
  static async open(settings: StackSettings, home: string): Promise<OpenStack> {
    const stack = new OpenStack(settings, home);
    await stack.ask({ settings });
    return stack;
  }

  /** What an `up` would do. */
  preview(): Promise<Run> {
    return this.run("preview");
  }

  up(): Promise<Run> {
    return this.run("up");
  }

  /** Brings the state to what is really there; the program does not run. */
  refresh(options: { clearPendingCreates?: boolean } = {}): Promise<Run> {
    return this.run("refresh", options);
  }

  destroy(): Promise<Run> {
    return this.run("destroy");
  }

  /** Puts a secret value into the stack file, encrypted. @param path for example `secrets.natsPassword` */
  async setSecret(path: string, value: string): Promise<void> {
    await this.cli("config", "set", "--secret", "--path", `${PROJECT}:${path}`, "--", value);
  }

  /** Gives up the lock of an operation that was killed. */
  async cancel(): Promise<void> {
    await this.cli("cancel", "--yes");
  }

  /** The state as `pulumi stack export` prints it: with secrets encrypted. */
  exported(): Promise<string> {
    return this.cli("stack", "export");
  }

  /** Whether the file of the state can be read; a process that writes it at the moment has written a part. */
  isStateWhole(): boolean {
    const file = join(this.home, "state", ".pulumi", "stacks", PROJECT, `${this.settings.name}.json`);
    try {
      JSON.parse(readFileSync(file, "utf8"));
      return true;
    } catch {
      return false;
    }
  }

  /** `Kind namespace/name` of every Kubernetes object in the state, sorted. */
  async objects(): Promise<string[]> {
    const { deployment } = JSON.parse(await this.exported()) as { deployment: { resources?: StateResource[] } };
    const objects = (deployment.resources ?? []).filter(({ type }) => type.startsWith("kubernetes:"));
    return namesOf(
      objects.flatMap(({ inputs }) => (inputs?.metadata === undefined ? [] : { ...inputs, metadata: inputs.metadata })),
    );
  }

  /** What the program says about the stack. */
  async outputs(): Promise<unknown> {
    return JSON.parse(await this.cli("stack", "output", "--json"));
  }

  /** Its stack file. */
  get file(): string {
    return join(this.settings.workDir, `Pulumi.${this.settings.name}.yaml`);
  }

  /**
   * Changes the stack file as its reader would.
   *
   * @param settings path → value, for example `{ "noetl:server.replicas": 3 }`
   * @returns a function that brings back the file as it was
   */
  edit(settings: Readonly<Record<string, Setting>>): () => void {
    const before = readFileSync(this.file, "utf8");
    const document = parseDocument(before);
    for (const [path, value] of Object.entries(settings)) {
      const keys = path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      if (value === undefined) document.deleteIn(["config", ...keys]);
      else document.setIn(["config", ...keys], quoted(document.createNode(value)));
    }
    writeFileSync(this.file, document.toString());
    return () => {
      writeFileSync(this.file, before);
    };
  }

  /** Ends the process that runs the operations. */
  async close(): Promise<void> {
    if (!this.#process.connected) return;
    const end = once(this.#process, "exit");
    this.#process.disconnect();
    await end;
  }

  /** Runs any command of the CLI. @returns what it printed */
  async cli(...args: string[]): Promise<string> {
    const { name, workDir, pulumiHome, root, env } = this.settings;
    const { stdout } = await run(join(root, "bin", "pulumi"), ["--stack", name, "--non-interactive", ...args], {
      cwd: workDir,
      env: { ...env, PULUMI_HOME: pulumiHome },
      maxBuffer: Infinity,
    });
    return stdout;
  }

  private async run(operation: Operation, options: { clearPendingCreates?: boolean } = {}): Promise<Run> {
    this.events = [];
    await this.ask({ operation, ...options });
    const summary = this.events.flatMap(({ summaryEvent }) => summaryEvent?.resourceChanges ?? []).at(-1);
    return { plan: planOf(this.events), created: createdBy(this.events), changes: summary ?? {} };
  }

  private async ask(request: Request): Promise<void> {
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const onReport = (report: Report): void => {
        if ("output" in report) said.push(report.output);
        if ("event" in report) this.events.push(report.event);
        this.said.push(JSON.stringify(report), ...("output" in report ? [report.output] : []));
        if ("done" in report || "failed" in report) this.#process.off("message", onReport);
        if ("done" in report) resolve();
        if ("failed" in report) reject(new RunFailed(report.failed, errorsIn(said.join(""))));
      };
      this.#process.on("message", onReport);
      this.#process.send(request);
    });
  }
}

/**
 * How an operation that is to fail did so.
 *
 * @throws Error when it did not fail
 */
export async function failureOf(operation: Promise<unknown>): Promise<RunFailed> {
  const error: unknown = await operation.catch((reason: unknown) => reason);
  if (error instanceof RunFailed) return error;
  throw new Error("it did not fail", { cause: error });
}

/** Pulumi's reader takes a plain `2026-11-21` for a point in time. */
function quoted<T extends Node>(node: T): T {
  if (isScalar(node) && typeof node.value === "string") node.type = "QUOTE_DOUBLE";
  return node;
}
