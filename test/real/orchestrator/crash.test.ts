import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildSync } from "esbuild";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";

const TASKS = 10_000;
const KILLS = 100;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-crash-"));
  const entry = join(__dirname, "crash-child.ts");
  buildSync({ entryPoints: [entry], bundle: true, platform: "node", outfile: join(folder, "child.cjs") });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the process has said over all its lives. */
class Heard {
  readonly acknowledged = new Set<number>();
  readonly ended = new Set<number>();
  /** Begun after their end had been reported. */
  readonly again: number[] = [];
  readonly errors: string[] = [];
  lines = 0;

  take(line: string): void {
    this.lines++;
    const [word, text] = line.split(" ");
    const n = Number(text);
    if (word === "A") this.acknowledged.add(n);
    else if (word === "C" || word === "F") this.ended.add(n);
    else if (word === "R" && this.ended.has(n)) this.again.push(n);
    else if (word === "error") this.errors.push(line);
  }

  /** The first task that was not answered: those before it are known to be stored. */
  get next(): number {
    let n = 0;
    while (this.acknowledged.has(n)) n++;
    return n;
  }
}

/** One life of the process: killed after so many lines, at its own end without. */
async function live(heard: Heard, killAfter: number | undefined): Promise<number | null> {
  const args = [join(folder, "child.cjs"), join(folder, "data"), String(heard.next), String(TASKS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let left = killAfter ?? Infinity;
  createInterface({ input: child.stdout }).on("line", (line) => {
    heard.take(line);
    if (left-- === 0) child.kill("SIGKILL");
  });
  // Before its first line, that is while it reads the log.
  if (killAfter !== undefined && killAfter < 0) setTimeout(() => child.kill("SIGKILL"), -killAfter);
  return exited;
}

test("10,000 tasks through 100 kills: none is lost, none runs again once its end was reported, all end", async () => {
  const heard = new Heard();
  for (let kill = 0; kill < KILLS; kill++) {
    const isEarly = kill % 10 === 9;
    await live(heard, isEarly ? -Math.floor(40 + Math.random() * 200) : Math.floor(Math.random() * 350));
  }
  expect(await live(heard, undefined)).toBe(0);

  expect(heard.errors).toEqual([]);
  expect(heard.again).toEqual([]);
  expect(heard.acknowledged.size).toBe(TASKS);
  const storage = await FilesystemStorage.open(join(folder, "data"));
  try {
    const { pending, running, completed, failed, cancelled } = await storage.counts();
    expect({ pending, running, cancelled, all: completed + failed }).toEqual({
      pending: 0,
      running: 0,
      cancelled: 0,
      all: TASKS,
    });
    const lost: number[] = [];
    const wrong: string[] = [];
    for (let n = 0; n < TASKS; n++) {
      const task = await storage.taskByKey(`task ${n}`);
      if (!task) lost.push(n);
      else if (task.state === "failed" && task.error?.code !== (n % 50 === 0 ? "never" : "lease-lost"))
        wrong.push(task.id);
    }
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    expect(await storage.verifyAudit()).toMatchObject({ whole: true });
  } finally {
    await storage.close();
  }
});
