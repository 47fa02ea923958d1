import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, Work } from "../../../orchestrator/engine/engine";
import type { LogEntry } from "../../../orchestrator/api/server";
import type { TaskView } from "../../../orchestrator/api/task-view";
import { Service, type ServiceOptions } from "../../../orchestrator/service";
import type { TaskContext } from "../../../orchestrator/queue/runner";
import type { Json } from "../../../orchestrator/tasks/json";

/** What an engine does in a test. */
export type Script = (work: Work, context: TaskContext) => Promise<Json | undefined>;

/** What a service answered. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: { success: boolean; data: unknown; error: { code: string; message: string; path: string | null } | null };
}

/** A service with a folder of its own: two stacks, whose tasks a script runs. Calls need no render. */
export class Served {
  readonly log: LogEntry[] = [];
  script: Script = () => Promise.resolve({ done: true });

  private constructor(readonly folder: string) {}

  service!: Service;

  static async start(options: Partial<ServiceOptions> = {}): Promise<Served> {
    const served = new Served(mkdtempSync(join(tmpdir(), "noetl-served-")));
    for (const name of ["Pulumi.kind.yaml", "Pulumi.production.yaml", "settings.yaml"]) {
      writeFileSync(join(served.folder, name), "config: {}\n");
    }
    try {
      await served.restart(options);
    } catch (error) {
      rmSync(served.folder, { recursive: true });
      throw error;
    }
    return served;
  }

  /** Starts the service on the folder, again after a stop. */
  async restart(options: Partial<ServiceOptions> = {}): Promise<void> {
    const engine: Engine = { name: "scripted", run: (work, context) => this.script(work, context) };
    this.service = await Service.start({
      port: 0,
      host: "127.0.0.1",
      dataDir: join(this.folder, "data"),
      project: this.folder,
      engine,
      log: (entry) => this.log.push(entry),
      ...options,
    });
  }

  async stop(): Promise<void> {
    await this.service.stop(0);
    rmSync(this.folder, { recursive: true });
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.service.url + path, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const json = (isJson ? JSON.parse(text) : undefined) as Answer["json"];
    return { status: response.status, headers: response.headers, text, json };
  }

  async submit(body: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<string> {
    const { json } = await this.ask("POST", "/workflows/cluster/create", { infra: "kind", ...body }, headers);
    return json.data as string;
  }

  async task(id: string, headers: Record<string, string> = {}): Promise<TaskView> {
    return (await this.ask("GET", `/tasks/${id}`, undefined, headers)).json.data as TaskView;
  }
}

/** A script that does not end until it is told to stop. */
export const endless: Script = (_work, { signal }) =>
  new Promise((_resolve, reject) => {
    const stop = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
