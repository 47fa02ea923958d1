import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SurrealServer } from "../../../orchestrator/storage/surreal/connection";
import { buildPlace } from "../../../tools/cache";
import { TOOLS } from "../../../tools/catalog";
import { findTool } from "../../../tools/find";
import { onPath } from "../../../tools/go";
import { killed } from "../support/children";
import { freePort, isOpen } from "../support/ports";
import { waitFor } from "../support/wait";

/** Why no server can be run here; undefined when one can. It is not built for a run of all tests: that takes too long. */
export function surrealImpossible(): string | undefined {
  const { env } = process;
  if (onPath("surreal", env).length > 0 || existsSync(buildPlace(TOOLS.surreal.recipe, env).home)) return undefined;
  return `surreal not built: ${TOOLS.surreal.slow ?? "it takes long"}; build it with: npx tsx tools/main.ts surreal`;
}

/** Root of every server of a test. */
export const ROOT_LOGIN = { username: "root", password: "root of a test" };

/** A SurrealDB server that keeps everything on disk, each transaction synced. It can be killed and started again. */
export class SurrealServerProcess {
  private child: ChildProcess | undefined;
  private databases = 0;

  private constructor(
    readonly port: number,
    private readonly program: string,
    private readonly folder: string,
    private readonly tls: { certificate: string; key: string } | undefined,
    private readonly said: string[] = [],
  ) {}

  /** @param tls What it shows, PEM; without it, it speaks plainly. */
  static async start(tls?: { certificate: string; key: string }): Promise<SurrealServerProcess> {
    const tool = await findTool("surreal");
    if (!tool.found) throw new Error(`surreal: ${tool.reason}`);
    const folder = mkdtempSync(join(tmpdir(), "noetl-surrealdb-"));
    if (tls) {
      writeFileSync(join(folder, "tls.crt"), tls.certificate);
      writeFileSync(join(folder, "tls.key"), tls.key);
    }
    const server = new SurrealServerProcess(await freePort(), tool.path, folder, tls);
    await server.again();
    return server;
  }

  get url(): string {
    return `${this.tls ? "wss" : "ws"}://127.0.0.1:${this.port}`;
  }

  /** A database of its own. */
  place(): SurrealServer {
    return { url: this.url, namespace: "test", database: `d${++this.databases}`, login: ROOT_LOGIN };
  }

  async again(): Promise<void> {
    const { username, password } = ROOT_LOGIN;
    const tls = this.tls ? ["--web-crt", join(this.folder, "tls.crt"), "--web-key", join(this.folder, "tls.key")] : [];
    const settings = ["--bind", `127.0.0.1:${this.port}`, "--log", "warn", "--no-banner", ...tls];
    this.child = spawn(this.program, ["start", ...settings, `surrealkv://${this.folder}/data`], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        SURREAL_USER: username,
        SURREAL_PASS: password,
        SURREAL_SYNC_DATA: "every",
        SURREAL_ONLINE_VERSION_CHECK: "false",
      },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => this.said.push(data.toString()));
    }
    await waitFor("surreal", () => {
      if (this.child?.exitCode !== null) throw new Error(`surreal has ended: ${this.said.join("")}`);
      return isOpen(this.port);
    });
  }

  async kill(): Promise<void> {
    await killed(this.child);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
