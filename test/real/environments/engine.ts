import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

const START_SECONDS = 60;

/** A Docker Engine of a suite's own: its data, its socket and its containerd are in a temporary folder. */
export class DockerEngine {
  readonly docker: Docker;

  private constructor(
    readonly folder: string,
    private readonly daemon: ChildProcess,
  ) {
    this.docker = new Docker({ socketPath: join(folder, "sock") });
  }

  /** As the orchestrator is told it. */
  get address(): string {
    return `unix://${join(this.folder, "sock")}`;
  }

  /**
   * Starts one, and waits: a suite must know whether it can run before it says what it tests.
   *
   * @returns why there is none, else
   */
  static start(): DockerEngine | string {
    if (spawnSync("dockerd", ["--version"]).status !== 0) return "Docker Engine is not installed (Debian: docker.io)";
    if (process.getuid?.() !== 0) return "dockerd needs root";
    // Short: a path of a socket has 107 letters at most.
    const folder = mkdtempSync(join(tmpdir(), "dock-"));
    const at = (name: string) => join(folder, name);
    const args = [
      ...["--iptables=false", "--bridge=none", "--data-root", at("data"), "--exec-root", at("exec")],
      ...["--pidfile", at("pid"), "--host", `unix://${at("sock")}`],
    ];
    const log = openSync(at("log"), "w");
    const daemon = spawn("dockerd", args, { stdio: ["ignore", log, log], env: { PATH: process.env.PATH } });
    for (const begun = Date.now(); Date.now() - begun < START_SECONDS * 1000;) {
      const ping = spawnSync("curl", ["-sf", "--unix-socket", at("sock"), "http://docker/_ping"]);
      if (ping.stdout.toString() === "OK") return new DockerEngine(folder, daemon);
      if (!existsSync(`/proc/${daemon.pid}/exe`)) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
    daemon.kill("SIGKILL");
    const last = readFileSync(at("log"), "utf8").trim().split("\n").at(-1) ?? "";
    rmSync(folder, { recursive: true });
    return `dockerd does not start here: ${last}`;
  }

  /** Stops it, and removes all that it had. */
  async stop(): Promise<void> {
    // Docker leaves bridges of the networks that it still has.
    for (const { Id } of await this.docker.listContainers({ all: true })) {
      await this.docker.getContainer(Id).remove({ force: true, v: true });
    }
    await this.docker.pruneNetworks();
    const ended = once(this.daemon, "exit");
    this.daemon.kill("SIGTERM");
    await ended;
    for (const mount of this.mounts().reverse()) spawnSync("umount", ["--lazy", mount]);
    rmSync(this.folder, { recursive: true });
  }

  /** Mounts below its folder. */
  mounts(): string[] {
    return readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((mount) => mount.startsWith(this.folder));
  }

  /** What there is in it: names of containers, networks of ours, and volumes. */
  async inventory(): Promise<{ containers: string[]; networks: string[]; volumes: string[] }> {
    const containers = await this.docker.listContainers({ all: true });
    const networks = await this.docker.listNetworks();
    const { Volumes: volumes } = (await this.docker.listVolumes()) as { Volumes: { Name: string }[] | null };
    return {
      containers: containers.flatMap(({ Names }) => Names).sort(),
      networks: networks.map(({ Name }) => Name).filter((name) => !["host", "none", "bridge"].includes(name)),
      volumes: (volumes ?? []).map(({ Name }) => Name),
    };
  }
}
