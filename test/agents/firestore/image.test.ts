import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ROOT } from "../../cli/support";
import { connected, TOKEN, transportTo } from "./connections";
import { Emulator } from "./emulator";

const FOLDER = join(ROOT, "agents", "firestore");
const DOCKERFILE = readFileSync(join(FOLDER, "Dockerfile"), "utf8");

/** What the Dockerfile says of the image. */
function instruction(name: string): string {
  const [, value] = new RegExp(`^${name} (.*)$`, "m").exec(DOCKERFILE) ?? [];
  if (value === undefined) throw new Error(`no ${name} in the Dockerfile`);
  return value;
}

/** Docker cannot pull here, so this does what the image would: its file alone, its environment, its command. */
describe("image", () => {
  let emulator: Emulator;
  let app: string;

  beforeAll(async () => {
    emulator = await Emulator.start();
    app = mkdtempSync(join(tmpdir(), "noetl-image-"));
    const dist = join(app, "dist");
    execFileSync(process.execPath, [join(FOLDER, "build.cjs"), dist]);
    for (const file of instruction("COPY")
      .split(" ")
      .filter((word) => word.startsWith("dist/"))) {
      copyFileSync(join(app, file), join(app, file.replace("dist/", "")));
    }
    rmSync(dist, { recursive: true });
    writeFileSync(join(app, "token"), `${TOKEN}\n`);
  });

  afterAll(async () => {
    rmSync(app, { recursive: true });
    await emulator.stop();
  });

  function start(
    args: readonly string[],
    variables: Record<string, string>,
  ): ChildProcessByStdio<null, null, Readable> {
    const [, ...command] = JSON.parse(instruction("CMD").replace("/app/", `${app}/`)) as string[];
    const environment = Object.fromEntries(
      instruction("ENV")
        .split(" ")
        .map((pair) => pair.split("=") as [string, string]),
    );
    return spawn(process.execPath, [...command.slice(0, 1), ...args], {
      cwd: app,
      env: { ...environment, ...variables },
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  test("its base has a version, and it is nobody's process", () => {
    expect(instruction("ARG")).toMatch(/^BASE=docker\.io\/library\/node:\d+\.\d+\.\d+-/);
    expect(instruction("USER")).toBe("65534:65534");
  });

  test("its command serves a client, and ends well when told to", async () => {
    const agent = start(["http"], {
      GOOGLE_CLOUD_PROJECT: "image",
      FIRESTORE_EMULATOR_HOST: emulator.address,
      MCP_TOKEN_FILE: join(app, "token"),
      MCP_PORT: "0",
    });
    const exit = once(agent, "exit");
    try {
      const lines = createInterface({ input: agent.stderr });
      let port: number | undefined;
      for await (const line of lines) {
        if (!line.includes('"listening"')) continue;
        ({ port } = JSON.parse(line) as { port: number });
        break;
      }
      const client = await connected(transportTo(port ?? 0, TOKEN));
      const { structuredContent } = await client.callTool({
        name: "append_event",
        arguments: { thread_path: "t/a", event: { type: "note" } },
      });
      expect(structuredContent).toMatchObject({ ok: true, seq: 1 });
      await client.close();
    } finally {
      agent.kill("SIGTERM");
    }
    expect(await exit).toEqual([0, null]);
  });

  test.each([
    [["http"], "GOOGLE_CLOUD_PROJECT is missing\n"],
    [["other"], expect.stringContaining("firestore-agent http")],
  ])("given %j alone, it says what is wrong and ends with 2", async (args, message) => {
    const agent = start(args, {});
    let text = "";
    agent.stderr.on("data", (chunk) => (text += String(chunk)));
    expect(await once(agent, "close")).toEqual([2, null]);
    expect(text).toEqual(message);
  });

  test("given a token file that is not there, it says so and ends with 2", async () => {
    const agent = start(["http"], { GOOGLE_CLOUD_PROJECT: "p", MCP_TOKEN_FILE: join(app, "none"), MCP_PORT: "0" });
    let text = "";
    agent.stderr.on("data", (chunk) => (text += String(chunk)));
    expect(await once(agent, "close")).toEqual([2, null]);
    expect(text).toContain("ENOENT: no such file or directory");
  });
});
