import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openStorage, type StorageKind } from "../../../orchestrator/storage/open";
import { bundled, Heard, live } from "./lives";

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
  bundled("crash-child.ts", join(folder, "child.cjs"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each<Life>([
  { kind: "filesystem", tasks: 10_000, kills: 100, start: 240 },
  { kind: "surrealdb-embedded", tasks: 600, kills: 10, start: 1500 },
])(
  "$kind, $tasks tasks, $kills kills: none is lost, none runs again once its end was reported, all end",
  async (of) => {
    const { kind, tasks, kills, start } = of;
    const heard = new Heard();
    const child = join(folder, "child.cjs");
    const life = (killAfter: number | undefined) =>
      live(heard, [child, join(folder, kind), String(heard.next), String(tasks), kind], killAfter);
    for (let kill = 0; kill < kills; kill++) {
      const isEarly = kill % 10 === 9;
      const lines = Math.floor((Math.random() * 3.5 * tasks) / kills);
      await life(isEarly ? -Math.floor(40 + Math.random() * (start - 40)) : lines);
    }
    expect(await life(undefined)).toBe(0);

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
