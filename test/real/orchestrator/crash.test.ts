import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { buildSync } from "esbuild";
import { openStorage, type StorageKind } from "../../../orchestrator/storage/open";
import { ROOT } from "../../cli/support";

interface Life {
  kind: StorageKind;
  tasks: number;
  kills: number;
  /** Milliseconds that a start may take. */
  start: number;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-crash-"));
  const entry = join(__dirname, "crash-child.ts");
  buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    outfile: join(folder, "child.cjs"),
    external: ["surrealdb"],
  });
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
async function live(heard: Heard, { kind, tasks }: Life, killAfter: number | undefined): Promise<number | null> {
  const args = [join(folder, "child.cjs"), join(folder, kind), String(heard.next), String(tasks), kind];
  const env = { PATH: process.env.PATH, NODE_PATH: join(ROOT, "node_modules") };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
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

test.each<Life>([
  { kind: "filesystem", tasks: 10_000, kills: 100, start: 240 },
  { kind: "surrealdb-embedded", tasks: 600, kills: 10, start: 1500 },
])(
  "$kind, $tasks tasks, $kills kills: none is lost, none runs again once its end was reported, all end",
  async (of) => {
    const { kind, tasks, kills, start } = of;
    const heard = new Heard();
    for (let kill = 0; kill < kills; kill++) {
      const isEarly = kill % 10 === 9;
      const lines = Math.floor((Math.random() * 3.5 * tasks) / kills);
      await live(heard, of, isEarly ? -Math.floor(40 + Math.random() * (start - 40)) : lines);
    }
    expect(await live(heard, of, undefined)).toBe(0);

    expect(heard.errors).toEqual([]);
    expect(heard.again).toEqual([]);
    expect(heard.acknowledged.size).toBe(tasks);
    const storage = await openStorage(kind, join(folder, kind));
    try {
      const { pending, running, completed, failed, cancelled } = await storage.counts();
      expect({ pending, running, cancelled, all: completed + failed }).toEqual({
        pending: 0,
        running: 0,
        cancelled: 0,
        all: tasks,
      });
      const lost: number[] = [];
      const wrong: string[] = [];
      for (let n = 0; n < tasks; n++) {
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
  },
);
