import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runUntilFirstLine } from "./children";
import { processesWith } from "./processes";
import { startSupervisor, type Supervisor } from "./supervisor";
import { waitFor } from "./wait";

const HOLDER = join(__dirname, "fixtures/hold-processes.ts");

async function untilNothingIsLeft(folder: string): Promise<void> {
  await waitFor("the end of all processes", () => (processesWith(folder).length === 0 ? true : undefined));
  await waitFor("the end of the folder", () => (existsSync(folder) ? undefined : true));
}

describe("processes under a supervisor", () => {
  let supervisor: Supervisor;

  beforeEach(async () => {
    supervisor = await startSupervisor("noetl-test-");
  });

  afterEach(async () => {
    await supervisor.stop();
  });

  it("run in the supervisor's folder, with only the given environment, and write to a log", async () => {
    const shell = await supervisor.start({
      name: "shell",
      command: "/bin/sh",
      arguments: ["-c", 'echo "$PWD $COLOUR ${HOME-none}"; kill $$'],
      environment: { COLOUR: "red" },
    });

    const exit = await waitFor("the shell's end", () => shell.exit());

    expect(exit).toStrictEqual({ code: null, signal: "SIGTERM" });
    expect(readFileSync(shell.log, "utf8")).toBe(`${supervisor.folder} red none\n`);
  });

  it("are ended with all that they have started", async () => {
    const shell = await supervisor.start({
      name: "shell",
      command: "/bin/sh",
      arguments: ["-c", "sleep 3600 & wait"],
      environment: { MARK: `${supervisor.folder}/mark` },
    });
    await waitFor("both processes", () => (processesWith(`${supervisor.folder}/mark`).length === 2 ? true : undefined));

    const exit = await shell.kill();

    expect(exit).toStrictEqual({ code: null, signal: "SIGKILL" });
    await waitFor("their end", () => (processesWith(`${supervisor.folder}/mark`).length === 0 ? true : undefined));
  });

  it("say so when they cannot be started", async () => {
    const start = supervisor.start({ name: "ghost", command: "/no/such/file", arguments: [] });

    await expect(start).rejects.toThrow("cannot start ghost: spawn /no/such/file ENOENT");
  });

  it("end when the supervisor is stopped, however often", async () => {
    const sleeper = await supervisor.start({ name: "sleep", command: "sleep", arguments: ["3600"] });

    await supervisor.stop();
    await supervisor.stop();

    expect(sleeper.exit()).toStrictEqual({ code: null, signal: "SIGKILL" });
    expect(existsSync(supervisor.folder)).toBe(false);
    await expect(supervisor.start({ name: "late", command: "sleep", arguments: ["1"] })).rejects.toThrow(
      "cannot start late: the supervisor has ended",
    );
  });

  it("end when the supervisor itself is killed", async () => {
    const sleeper = await supervisor.start({
      name: "sleep",
      command: "sleep",
      arguments: ["3600"],
      environment: { FOLDER: supervisor.folder },
    });

    process.kill(supervisor.pid, "SIGKILL");

    await untilNothingIsLeft(supervisor.folder);
    expect(sleeper.exit()).toStrictEqual({ code: null, signal: "SIGKILL" });
  });
});

describe("processes of a supervisor whose parent ends", () => {
  it.each(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const)("end with it after %s", async (signal) => {
    const { child, line: folder } = await runUntilFirstLine(HOLDER);
    await waitFor("all processes", () => (processesWith(folder).length === 3 ? true : undefined));

    child.kill(signal);

    await untilNothingIsLeft(folder);
  });

  it.each(["leave", "crash"])("end with it when its program ends by itself (%s)", async (way) => {
    const { line: folder } = await runUntilFirstLine(HOLDER, way);

    await untilNothingIsLeft(folder);
  });
});
