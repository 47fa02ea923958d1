import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { freePort } from "../support/ports";
import { waitFor } from "../support/wait";

/** @returns why no registry can be started here */
export function missingRegistry(): string | undefined {
  return spawnSync("docker-registry", ["--version"]).status === 0
    ? undefined
    : "not installed (Debian): docker-registry";
}

/** Resolves once a pull or a push is done. */
export async function finished(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** A registry of a suite's own, behind a door that can be shut, and that can hold back the half of what is large. */
export class Registry {
  private readonly folder = mkdtempSync(join(tmpdir(), "noetl-registry-"));
  private process: ChildProcess | undefined;
  private door: Server | undefined;
  private held: Promise<void> | undefined;

  private constructor(
    private readonly inner: number,
    private readonly outer: number,
  ) {}

  static async start(): Promise<Registry> {
    const registry = new Registry(await freePort(), await freePort());
    const config = {
      version: "0.1",
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: join(registry.folder, "data") } },
      http: { addr: `127.0.0.1:${registry.inner}` },
    };
    const file = join(registry.folder, "config.yml");
    writeFileSync(file, JSON.stringify(config));
    registry.process = spawn("docker-registry", ["serve", file], { stdio: "ignore", env: { PATH: process.env.PATH } });
    await waitFor("the registry", async () => {
      const answer = await fetch(`http://127.0.0.1:${registry.inner}/v2/`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
    await registry.open();
    return registry;
  }

  /** Name of a repository in it. */
  named(name: string): string {
    return `127.0.0.1:${this.outer}/${name}`;
  }

  /** Puts an image there, takes it from the Docker host. @returns its digest */
  async take(docker: Docker, image: string, name: string): Promise<string> {
    const repo = this.named(name);
    await docker.getImage(image).tag({ repo, tag: "1" });
    const pushed = await docker.getImage(`${repo}:1`).push({ authconfig: {} });
    await finished(docker, pushed);
    const { RepoDigests: digests } = await docker.getImage(`${repo}:1`).inspect();
    const digest = digests.find((one) => one.startsWith(repo))?.split("@")[1] ?? "";
    for (const tag of [image, `${repo}:1`]) await docker.getImage(tag).remove();
    return digest;
  }

  /** Lets people in. */
  async open(): Promise<void> {
    const door = createServer((asked, answer) => {
      this.pass(asked, answer);
    });
    await new Promise<void>((resolve) => door.listen(this.outer, "127.0.0.1", resolve));
    this.door = door;
  }

  /** Nobody answers there any more. */
  async shut(): Promise<void> {
    const { door } = this;
    door?.closeAllConnections();
    if (door) await new Promise((resolve) => door.close(resolve));
  }

  /** Layers come to their half. @returns what gives the rest */
  hold(): () => void {
    let release = (): void => undefined;
    this.held = new Promise((resolve) => (release = resolve));
    return release;
  }

  async stop(): Promise<void> {
    await this.shut();
    if (this.process) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url: path, headers } = asked;
    const inner = request({ host: "127.0.0.1", port: this.inner, method, path, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 500, given.headers);
      const isLayer =
        method === "GET" && path?.includes("/blobs/") === true && given.headers["content-length"] !== undefined;
      void this.handOn(given, answer, isLayer ? Number(given.headers["content-length"]) / 2 : Infinity);
    });
    inner.on("error", () => answer.destroy());
    asked.pipe(inner);
  }

  private async handOn(given: IncomingMessage, answer: ServerResponse, half: number): Promise<void> {
    let sent = 0;
    for await (const chunk of given as AsyncIterable<Buffer>) {
      if (sent > half) await this.held;
      answer.write(chunk);
      sent += chunk.length;
    }
    answer.end();
  }
}
