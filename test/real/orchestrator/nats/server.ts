import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../../../tools/find";
import { killed } from "../../support/children";
import { freePort, isOpen } from "../../support/ports";
import { waitFor } from "../../support/wait";

const ONE_USER = [`authorization { user: noetl, password: right }`];

/** A nats-server with JetStream on disk. It can be killed and started again. */
export class NatsServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly program: string,
    private readonly folder: string,
  ) {}

  /** @param login Lines of its configuration that say who may come. Default: one user. */
  static async start(login: readonly string[] = ONE_USER): Promise<NatsServer> {
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
    const folder = mkdtempSync(join(tmpdir(), "nats-dispatch-"));
    const server = new NatsServer(await freePort(), tool.path, folder);
    const conf = [`listen: 127.0.0.1:${server.port}`, `jetstream { store_dir: "${folder}/data" }`, ...login];
    writeFileSync(join(folder, "nats.conf"), conf.join("\n"));
    await server.again();
    return server;
  }

  async again(): Promise<void> {
    this.child = spawn(this.program, ["-c", join(this.folder, "nats.conf")], { stdio: "ignore" });
    await waitFor("nats-server", () => isOpen(this.port));
  }

  async kill(): Promise<void> {
    await killed(this.child);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
