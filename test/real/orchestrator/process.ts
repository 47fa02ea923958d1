import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TaskView } from "../../../orchestrator/api/task-view";
import { ROOT } from "../../cli/support";

interface Answer {
  success: boolean;
  data: unknown;
  error: unknown;
}

/** An orchestrator as its users start it: a process of its own on a free port. */
export class ServiceProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<ServiceProcess> {
    const all = [join(ROOT, "cli", "bin.cjs"), "orchestrator", "serve", "--port", "0", ...args];
    const child = spawn(process.execPath, all, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, ...env },
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (data: Buffer) => {
          said += data.toString();
          const found = /listening on (\S+);/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
      child.once("exit", () => {
        reject(new Error(`it ended: ${said}`));
      });
    });
    return new ServiceProcess(url, child);
  }

  /** Ends it. @returns exit code and signal */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<unknown[]> {
    const { exitCode, signalCode } = this.child;
    // Nothing is told of an end that was before.
    if (exitCode !== null || signalCode !== null) return [exitCode, signalCode];
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    return ended;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return (await response.json()) as Answer;
  }

  /** Submits a task about a whole stack. @returns its id */
  async submit(body: Record<string, unknown>): Promise<string> {
    return (await this.ask("POST", "/workflows/cluster/create", body)).data as string;
  }

  /** The task, once it has ended. */
  async ended(id: string): Promise<TaskView> {
    // The stream of its events ends with it.
    await (await fetch(`${this.url}/tasks/${id}/events`)).text();
    return (await this.ask("GET", `/tasks/${id}`)).data as TaskView;
  }

  /** Its log so far. */
  async log(id: string): Promise<string> {
    return (await fetch(`${this.url}/tasks/${id}/logs`)).text();
  }

  /** Resolves once a text stands in a task's log. */
  async logged(id: string, text: string): Promise<void> {
    const { body } = await fetch(`${this.url}/tasks/${id}/logs?follow=true`);
    const decoder = new TextDecoder();
    let said = "";
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      said += decoder.decode(chunk, { stream: true });
      if (said.includes(text)) return;
    }
    throw new Error(`its log ended without ${text}: ${said}`);
  }
}
