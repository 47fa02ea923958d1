import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { ROOT } from "../../../cli/support";
import { freePort } from "../../support/ports";
import { Cuttable } from "../cuttable";
import type { SurrealServerProcess } from "../surreal-server";
import type { NodeSettings } from "./node-child";

/** Files beside a source are found where they are. */
const dirnames: Plugin = {
  name: "dirnames",
  setup(building) {
    building.onLoad({ filter: /\/(orchestrator|preview)\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: text.replaceAll("__dirname", JSON.stringify(dirname(path))), loader: "ts" };
    });
  },
};

/** A node in a process of its own. The ways from it to the database and from others to it can be cut. */
export class NodeProcess {
  private child: ChildProcess | undefined;
  said = "";
  statusPort = 0;

  constructor(
    private readonly program: string,
    private readonly settings: NodeSettings,
    readonly toDatabase: Cuttable,
    readonly toNode: Cuttable,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.settings.port}`;
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  async start(): Promise<void> {
    const env = { PATH: process.env.PATH, NODE_PATH: join(ROOT, "node_modules") };
    const child = spawn(process.execPath, [this.program, JSON.stringify(this.settings)], {
      stdio: ["ignore", "pipe", "pipe"],
      env,
    });
    this.child = child;
    this.said = "";
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (data: Buffer) => {
          this.said += data.toString();
          const port = /listening on \S+ (\d+);/.exec(this.said)?.[1];
          if (port === undefined) return;
          this.statusPort = Number(port);
          resolve();
        });
      }
      child.once("exit", () => {
        reject(new Error(`it ended: ${this.said}`));
      });
    });
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (!this.isRunning || !this.child) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, headers: response.headers, ...((await response.json()) as { data: unknown }) };
  }

  /** What it tells its probes. */
  async role(): Promise<"leader" | "follower"> {
    const response = await fetch(`http://127.0.0.1:${this.statusPort}/metrics`);
    return (await response.text()).includes("\nnoetl_orchestrator_leader 1") ? "leader" : "follower";
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  data: unknown;
  error?: { code: string } | null;
}

/** Several nodes on one database, and the record of what they did. */
export class NodeGroup {
  readonly nodes: NodeProcess[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "noetl-nodes-"));

  private constructor(readonly stacks: readonly string[]) {}

  static async make(
    server: SurrealServerProcess,
    count: number,
    { stacks, concurrency, termMs, leaseMs }: { stacks: number; concurrency: number; termMs: number; leaseMs: number },
  ): Promise<NodeGroup> {
    const group = new NodeGroup([...Array.from({ length: stacks }, (_, at) => `s${at}`), "endless", "endless-too"]);
    const { folder } = group;
    const program = join(folder, "node.cjs");
    await build({
      entryPoints: [join(__dirname, "node-child.ts")],
      bundle: true,
      platform: "node",
      packages: "external",
      outfile: program,
      plugins: [dirnames],
    });
    const [project, records] = [join(folder, "project"), join(folder, "records")];
    mkdirSync(project);
    mkdirSync(records);
    for (const stack of group.stacks) writeFileSync(join(project, `Pulumi.${stack}.yaml`), "config: {}\n");
    const place = server.place();
    for (let at = 0; at < count; at++) {
      const port = await freePort();
      const [toDatabase, toNode] = [await Cuttable.to(server.port), await Cuttable.to(port)];
      const surrealdb = { ...place, url: `ws://127.0.0.1:${toDatabase.port}` };
      const advertiseUrl = `http://127.0.0.1:${toNode.port}`;
      const settings = { surrealdb, records, project, advertiseUrl, port, concurrency, termMs, leaseMs };
      group.nodes.push(new NodeProcess(program, settings, toDatabase, toNode));
    }
    return group;
  }

  /** What was done to each stack, in order of time: `begin` and `end` with the token of who did it. */
  record(): Map<string, { what: string; token: number; at: bigint }[]> {
    const records = join(this.folder, "records");
    return new Map(
      readdirSync(records)
        .filter((name) => this.stacks.includes(name))
        .map((stack) => {
          const lines = readFileSync(join(records, stack), "utf8").trimEnd().split("\n");
          const entries = lines.map((line) => {
            const [what = "", token, at = "0"] = line.split(" ");
            return { what, token: Number(token), at: BigInt(at) };
          });
          return [stack, entries.sort((a, b) => (a.at < b.at ? -1 : 1))] as const;
        }),
    );
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) {
      await node.end("SIGKILL");
      node.toDatabase.close();
      node.toNode.close();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
