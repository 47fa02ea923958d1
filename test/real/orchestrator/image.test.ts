import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { newToken } from "../../../orchestrator/api/tokens";
import { ROOT } from "../../cli/support";
import { isInContext, stages, valuesOf, type Instruction } from "../../image/dockerfile";
import { freePort } from "../support/ports";

/*
 * Docker cannot pull here, so this follows the Dockerfile by hand: its COPY in an empty folder, the packages that its npm ci installs, its command as
 * nobody, in a folder that nobody can write. Not proved here: the base images, and what apt-get and the CLI install.
 */

const NOBODY = 65534;
const DEADLINE_MS = 120_000;

/** Packages that are for development only. */
const DEVELOPMENT = ["jest", "tsx", "@swc/core", "eslint", "fast-check", "@surrealdb/node"];

describe("the image of the orchestrator", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  const app = join(folder, "app");
  const data = join(folder, "data");
  const last = stages().at(-1);
  let child: ChildProcess | undefined;
  let said = "";

  beforeAll(() => {
    // mkdtemp lets only its owner in.
    chmodSync(folder, 0o755);
    mkdirSync(app);
    for (const step of stages().find(({ name }) => name === "app")?.instructions ?? []) follow(step);
    const cache = join(app, "node_modules", ".cache");
    for (const own of [cache, data]) {
      mkdirSync(own, { recursive: true });
      chownSync(own, NOBODY, NOBODY);
    }
  });

  afterAll(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Does what one instruction of the stage `app` says. */
  function follow({ name, value }: Instruction): void {
    if (name === "RUN") install(value);
    else if (name === "COPY") {
      const sources = value.split(" ").slice(0, -1);
      const files = sources.includes(".") ? readdirSync(ROOT).filter(isInContext) : sources;
      for (const file of files) cpSync(join(ROOT, file), join(app, file), { recursive: true });
    }
  }

  /** What `npm ci --omit=dev` installs, of what npm has installed here: the same lock, and no half minute of unpacking. */
  function install(command: string): void {
    expect(command).toMatch(/^npm ci --omit=dev /);
    const file = join(ROOT, "node_modules", ".package-lock.json");
    const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    const kept = Object.entries(packages)
      // A package brings those inside it along.
      .filter(
        ([path, { dev, devOptional }]) =>
          dev !== true && devOptional !== true && path.split("node_modules/").length === 2,
      )
      .map(([path]) => path);
    execFileSync("cp", ["-a", "--parents", ...kept, app], { cwd: ROOT });
    cpSync(file, join(app, "node_modules", ".package-lock.json"));
  }

  /** Starts the image's command on free ports, with its folders where they are here. */
  async function start(port: number, statusPort: number): Promise<void> {
    const command = JSON.parse(valuesOf(last, "ENTRYPOINT")[0] ?? "[]") as string[];
    const args = JSON.parse(valuesOf(last, "CMD")[0] ?? "[]") as string[];
    const here = [...command.slice(command.indexOf("node") + 1), ...args].map((one) =>
      one.replace(/^\/(app|data)/, `${folder}/$1`).replace(/^\/etc\/noetl-orchestrator/, folder),
    );
    const variables = valuesOf(last, "ENV").flatMap((line) =>
      line.split(" ").map((pair) => pair.split("=") as [string, string]),
    );
    const started = spawn(process.execPath, [...here, "--port", String(port), "--status-port", String(statusPort)], {
      cwd: app,
      uid: process.getuid?.() === 0 ? NOBODY : undefined,
      gid: process.getuid?.() === 0 ? NOBODY : undefined,
      env: { PATH: process.env.PATH, ...Object.fromEntries(variables) },
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (said += String(text)));
    for (const begun = Date.now(); Date.now() - begun < DEADLINE_MS;) {
      if (started.exitCode !== null) throw new Error(`it ended: ${said}`);
      const ready = await fetch(`http://127.0.0.1:${statusPort}/health/ready`).catch(() => undefined);
      if (ready?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it is not ready: ${said}`);
  }

  test("has no package of development, and serves, previews a stack and ends without one, as nobody", async () => {
    expect(DEVELOPMENT.filter((name) => existsSync(join(app, "node_modules", name)))).toEqual([]);
    const { entry, token } = newToken("ann", "operator");
    writeFileSync(join(folder, "tokens.yaml"), JSON.stringify({ tokens: [entry] }));
    const [port, statusPort] = [await freePort(), await freePort()];

    await start(port, statusPort);

    const url = `http://127.0.0.1:${port}`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const health = await fetch(`${url}/health`, { headers });
    expect(await health.json()).toMatchObject({ success: true, data: { status: "healthy", reasons: [] } });
    const body = JSON.stringify({ infra: "kind", operation: "preview", wait: true, wait_seconds: 300 });
    const created = await fetch(`${url}/workflows/cluster/create`, { method: "POST", headers, body });
    const { data: id } = (await created.json()) as { data: string };
    const task = (await (await fetch(`${url}/tasks/${id}`, { headers })).json()) as { data: { status: string } };
    expect(task.data).toMatchObject({ status: "Completed" });

    const service = child;
    if (!service) throw new Error("it was started");
    const ended = once(service, "exit");
    service.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});
