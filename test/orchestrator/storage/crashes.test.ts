import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import { moved } from "../../../orchestrator/tasks/moved";
import type { Task } from "../../../orchestrator/tasks/task";
import { newTask } from "../made";
import { DEAD, Disk } from "./disk";

/** What is done between two crashes. */
type Step =
  | { do: "new"; size: number }
  /** The task with this number, of those that there are, gets a longer history. */
  | { do: "change"; which: number }
  | { do: "end"; which: number }
  | { do: "forget"; which: number }
  | { do: "document"; which: number; keep: boolean }
  /** Lets the disk go on. */
  | { do: "turns"; count: number }
  | { do: "full"; room: number }
  | { do: "free" };

const which = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant("new" as const), size: fc.nat(2000) }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant("change" as const), which }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant("end" as const), which }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant("forget" as const), which }), weight: 2 },
  fc.record({ do: fc.constant("document" as const), which: fc.nat(3), keep: fc.boolean() }),
  { arbitrary: fc.record({ do: fc.constant("turns" as const), count: fc.nat(40) }), weight: 4 },
  fc.record({ do: fc.constant("full" as const), room: fc.nat(6000) }),
  fc.record({ do: fc.constant("free" as const) }),
);
/** Steps, how the power is lost behind them (null: closed in order), and which sectors are then kept. */
interface Life {
  steps: Step[];
  crash: boolean[] | null;
}
const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { maxLength: 60 }),
  crash: fc.option(fc.array(fc.boolean(), { minLength: 1, maxLength: 16 })),
});

/** Lost once: a file was cleaned away while what outdates all of it was not yet on the disk. */
const REMOVED_BEFORE_DURABLE: Life[] = [
  { steps: [{ do: "new", size: 1603 }], crash: null },
  {
    steps: [
      { do: "end", which: 0 },
      { do: "turns", count: 2 },
      { do: "new", size: 0 },
      { do: "forget", which: 0 },
      { do: "change", which: 0 },
      { do: "turns", count: 6 },
    ],
    crash: [false],
  },
  { steps: [], crash: null },
];

/** All that a storage says. */
interface Said {
  tasks: Record<string, Task>;
  documents: unknown[];
}

test("through crashes, torn writes and a full disk: nothing acknowledged is lost, and what is lost is the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
      const disk = new Disk();
      let expected: Said[] = [{ tasks: {}, documents: [] }];
      let made = 0;
      let noted = 0;
      for (const { steps, crash } of lives) {
        const storage = await opened(disk);
        // What it said when the power was lost is one of the states since the last acknowledged one.
        const found = await said(storage);
        expect(expected).toContainEqual(found);
        let acknowledged = 0;
        const states = [found];
        for (const next of steps) {
          const before = states.at(-1) ?? found;
          const commit = commitOf(next, before, () => `t${++made}`);
          if (next.do === "turns") for (let at = 0; at < next.count; at++) await turn();
          if (next.do === "full") disk.room = disk.used + next.room;
          if (next.do === "free") disk.room = Infinity;
          if (!commit) continue;
          try {
            const { durable, firstAudit } = await storage.commit({
              ...commit,
              audit: [{ at: made, by: "ann", action: next.do }],
            });
            const position = states.push(await said(storage)) - 1;
            durable.then(
              () => {
                acknowledged = Math.max(acknowledged, position);
                noted = Math.max(noted, firstAudit);
              },
              () => undefined,
            );
          } catch (error) {
            expect(error).toMatchObject({ code: "disk-full" });
            expect(next.do).toBe("new");
          }
        }
        if (crash) {
          let at = 0;
          disk.losePower(() => crash[at++ % crash.length] ?? false);
          expected = states.slice(acknowledged);
          await storage.close().catch(() => undefined);
          disk.room = Infinity;
        } else {
          disk.room = Infinity;
          await storage.close();
          expected = states.slice(-1);
        }
      }
      const storage = await opened(disk);
      expect(expected).toContainEqual(await said(storage));
      const chain = await storage.verifyAudit();
      expect(chain).toMatchObject({ whole: true });
      expect("entries" in chain && chain.entries).toBeGreaterThanOrEqual(noted);
      await storage.close();
    }),
    { numRuns: 300, examples: [[REMOVED_BEFORE_DURABLE]] },
  );
});

async function opened(disk: Disk): Promise<FilesystemStorage> {
  const small = { segmentBytes: 4000, wasteBytes: 4000, auditBytes: 500, reserveBytes: 20_000, retryMs: 1 };
  return FilesystemStorage.open("/data", { files: disk, processes: DEAD, ...small });
}

async function said(storage: FilesystemStorage): Promise<Said> {
  const { tasks } = await storage.tasks({ first: "oldest", limit: 1000 });
  return {
    tasks: Object.fromEntries(tasks.map((task) => [task.id, task])),
    documents: [...(await storage.documents("d"))].sort((a, b) => a.id.localeCompare(b.id)),
  };
}

function commitOf(next: Step, { tasks, documents }: Said, newId: () => string) {
  if (next.do === "new") return { tasks: [newTask(newId(), { input: { text: "x".repeat(next.size) } })] };
  if (next.do === "document") {
    const id = String(next.which);
    const found = documents.find((document) => (document as { id: string }).id === id) as
      { revision: number } | undefined;
    if (!found && !next.keep) return undefined;
    return { documents: [{ collection: "d", id, revision: found?.revision ?? 0, value: next.keep ? "v" : undefined }] };
  }
  if (!("which" in next)) return undefined;
  const all = Object.values(tasks).filter(({ state }) => (state === "cancelled") === (next.do === "forget"));
  const task = all[next.which % all.length];
  if (!task) return undefined;
  const move = { at: 1, by: "ann", why: next.do };
  if (next.do === "forget") return { removed: [{ id: task.id, revision: task.revision }] };
  // Only what has changed is then written.
  const before = next.which % 4 === 0 ? [] : [task];
  if (next.do === "end") return { tasks: [moved(task, "cancelled", move)], before };
  const state = task.state === "running" ? "pending" : "running";
  // Nobody waits for some.
  return { tasks: [moved(task, state, move, { error: undefined })], before, later: next.which % 3 === 0 };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
