import { afterEach, beforeEach, describe, expect, it, test } from "@jest/globals";
import fc from "fast-check";
import { sumsOf } from "../../../orchestrator/storage/copy/copier";
import { assertServable, marksOf, OWN } from "../../../orchestrator/storage/copy/marks";
import { migrate, type MigrationOptions, type Moved } from "../../../orchestrator/storage/copy/migrate";
import { Movable } from "../../../orchestrator/storage/copy/movable";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import type { Storage } from "../../../orchestrator/storage/storage";
import { moved } from "../../../orchestrator/tasks/moved";
import { hasEnded } from "../../../orchestrator/tasks/states";
import { newTask } from "../made";
import { DEAD, Disk } from "./disk";

const NAMES = { from: "here", to: "there", by: "ann", now: () => 5000 };
const MOVE = { at: 2000, by: "worker", why: "x" };

const open = async (disk: Disk): Promise<Storage> =>
  FilesystemStorage.open("/data", { files: disk, reserveBytes: 0, processes: DEAD });

async function move(source: Storage, target: Storage, options: Partial<MigrationOptions> = {}): Promise<Moved> {
  return migrate(new Movable(source), target, { ...NAMES, ...options });
}

/** All that a storage holds, but for what it knows of itself. */
async function contentOf(storage: Storage): Promise<unknown> {
  const { tasks } = await storage.tasks({ first: "oldest", limit: 1000 });
  const logs = await Promise.all(tasks.map(async ({ id }) => (await storage.readLog(id, { limit: 1e6 })).lines));
  const names = (await storage.collections()).filter((name) => name !== OWN).sort();
  const documents = await Promise.all(names.map((name) => storage.documents(name)));
  const audit = (await storage.audit({ after: 0, limit: 1e6 })).filter(({ action }) => action !== "storage.moved");
  return { tasks, logs, documents: documents.flat().sort((a, b) => (a.id < b.id ? -1 : 1)), audit };
}

/** One write on a storage, whatever is there. */
const write = fc.record({
  is: fc.constantFrom("submit", "begin", "end", "forget", "print", "document", "drop", "submit", "print"),
  at: fc.nat(9),
});
interface Write {
  is: string;
  at: number;
}

let made = 0;
async function play(storage: Storage, { is, at }: Write): Promise<void> {
  const { tasks } = await storage.tasks({ first: "oldest", limit: 1000 });
  const one = tasks[at % Math.max(1, tasks.length)];
  const audit = [{ at: 1, by: "ann", action: `test.${is}`, ...(one && { task: one.id }) }];
  const [found] = await storage.documents("c");
  const document = { collection: "c", id: `d${at % 3}` };
  const former = await storage.document("c", document.id);
  // Few keys: one that is forgotten is soon another's.
  const key = `k${at}`;
  const isFree = !(await storage.taskByKey(key));
  if (is === "submit") await storage.commit({ tasks: [newTask(`t${++made}`, isFree ? { key } : {})], audit });
  else if (is === "begin" && one?.state === "pending")
    await storage.commit({ tasks: [moved(one, "running", MOVE)], audit });
  else if (is === "end" && one?.state === "running")
    await storage.commit({ tasks: [moved(one, "completed", MOVE)], audit });
  else if (is === "forget" && one && hasEnded(one.state)) await storage.commit({ removed: [one], audit });
  else if (is === "print" && one) await storage.appendLog(one.id, [{ at, stream: "stdout", text: `line ${++made}` }]);
  else if (is === "document")
    await storage.commit({ documents: [{ ...document, revision: former?.revision ?? 0, value: at }] });
  else if (is === "drop" && found)
    await storage.commit({ documents: [{ collection: "c", id: found.id, revision: found.revision }] });
}

test("whatever is written meanwhile, and however often it is broken off: the copy is what the source is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { maxLength: 25 }),
      fc.array(fc.record({ writes: fc.array(write, { maxLength: 8 }), stopAt: fc.nat(12), crash: fc.boolean() }), {
        maxLength: 3,
      }),
      fc.array(write, { maxLength: 15 }),
      async (before, broken, during) => {
        const disks = [new Disk(), new Disk()] as const;
        let [source, target] = [await open(disks[0]), await open(disks[1])];
        for (const one of before) await play(source, one);
        for (const { writes, stopAt, crash } of broken) {
          const abort = new AbortController();
          const movable = new Movable(source);
          // The target breaks off in the middle of anything.
          let left = stopAt;
          const load = target.load.bind(target);
          target.load = async (records) => {
            if (left-- === 0) abort.abort(new Error("broken off"));
            abort.signal.throwIfAborted();
            await load(records);
          };
          const writing = (async () => {
            for (const one of writes) await play(movable, one);
          })();
          await migrate(movable, target, { ...NAMES, signal: abort.signal }).catch((error: unknown) => {
            expect(String(error)).toBe("Error: broken off");
          });
          await writing;
          target.load = load;
          if (movable.inner === target) {
            await Promise.all([source.close(), target.close()]);
            return;
          }
          if (crash) {
            for (const disk of disks) disk.losePower(() => false);
            await Promise.all([source.close().catch(() => undefined), target.close().catch(() => undefined)]);
            [source, target] = [await open(disks[0]), await open(disks[1])];
          }
        }
        const movable = new Movable(source);
        const writing = (async () => {
          for (const one of during) await play(movable, one);
        })();
        const [{ sums }] = await Promise.all([migrate(movable, target, NAMES), writing]);

        // What came behind the exchange went to the target only.
        expect(sums).toEqual(await sumsOf(source));
        expect(await source.document(OWN, "moved")).toBeDefined();
        const [theirs] = (await target.audit({ after: sums.audit.count, limit: 1 })).slice(0, 1);
        expect(theirs).toMatchObject({ action: "storage.moved", by: "ann", why: "from here to there" });
        expect(await target.verifyAudit()).toMatchObject({ whole: true });
        // The source takes back all that has been done since.
        await move(target, source);
        expect(await contentOf(source)).toEqual(await contentOf(target));
        await assertServable(source);
        await Promise.all([source.close(), target.close()]);
      },
    ),
    { numRuns: 60 },
  );
});

describe("a migration", () => {
  let [source, target] = [undefined, undefined] as unknown as [Storage, Storage];
  beforeEach(async () => {
    [source, target] = [await open(new Disk()), await open(new Disk())];
    await source.commit({
      tasks: [newTask("a"), newTask("b")],
      audit: [{ at: 1, by: "ann", action: "task.submitted" }],
    });
    await source.appendLog("a", [{ at: 1, stream: "stdout", text: "x" }]);
  });
  afterEach(async () => {
    await Promise.all([source.close(), target.close()]);
  });

  it("counts and adds up what it has moved, and gives no fencing token again", async () => {
    await source.load({ session: 40 });
    const { sums, wasMoved } = await move(source, target);

    expect(wasMoved).toBe(false);
    expect(sums).toMatchObject({
      tasks: { count: 2 },
      lines: { count: 1 },
      documents: { count: 0 },
      audit: { count: 1 },
    });
    await target.commit({ tasks: [newTask("c")] });
    expect(await sumsOf(target)).not.toMatchObject({ tasks: sums.tasks });
    expect((await target.task("c"))?.seq).toBe(3);
  });

  it("leaves a source that is not served, and a target that is", async () => {
    await move(source, target);

    await expect(assertServable(source)).rejects.toThrow("its tasks were moved to there, 1970-01-01T00:00:05.000Z");
    await assertServable(target);
  });

  it("does nothing where it was done before", async () => {
    const first = await move(source, target);
    await target.commit({ tasks: [newTask("c")] });

    expect(await move(source, target)).toMatchObject({ sums: first.sums, wasMoved: true });
    expect(await target.task("c")).toBeDefined();
  });

  it("leaves a source that is as it was, and a target that is not served, when it is broken off", async () => {
    const abort = new AbortController();
    const onProgress = () => {
      abort.abort(new Error("stop"));
    };

    await expect(move(source, target, { signal: abort.signal, onProgress })).rejects.toThrow("stop");
    await assertServable(source);
    await expect(assertServable(target)).rejects.toThrow("here is an unfinished copy of here");
  });

  it("finishes what ended between the two last marks", async () => {
    const commit = target.commit.bind(target);
    target.commit = async (asked) => {
      if (asked.audit) throw new Error("killed");
      return commit(asked);
    };
    await expect(move(source, target)).rejects.toThrow("killed");
    target.commit = commit;
    await expect(assertServable(source)).rejects.toThrow("its tasks were moved");
    await expect(assertServable(target)).rejects.toThrow("unfinished copy");

    expect(await move(source, target)).toMatchObject({ wasMoved: false });
    await assertServable(target);
  });

  it("finds what does not arrive as it was sent", async () => {
    const load = target.load.bind(target);
    target.load = async (records) => load({ ...records, tasks: records.tasks?.filter(({ id }) => id !== "b") ?? [] });

    await expect(move(source, target)).rejects.toThrow("the copy is not what was copied: 1 tasks of 2");
    expect((await marksOf(source)).moved).toBeUndefined();
  });

  it("refuses a target that holds something else", async () => {
    await target.commit({ tasks: [newTask("z")] });

    await expect(move(source, target)).rejects.toThrow("the target holds tasks of its own; choose one that is empty");
  });

  it("refuses another source's copy, and a source that is a copy or was moved", async () => {
    const other = await open(new Disk());
    const fail = { signal: AbortSignal.abort(new Error("stop")) };
    await expect(move(source, target, fail)).rejects.toThrow("stop");

    await expect(move(other, target)).rejects.toThrow("the target is an unfinished copy of here; choose another one");
    await expect(move(target, other)).rejects.toThrow("the source is itself an unfinished copy of here");
    await move(source, target);
    await expect(move(source, other)).rejects.toThrow("the source was moved to there, and is no longer the last word");
    await other.close();
  });

  it("refuses a source whose first audit entries were archived away", async () => {
    const disk = new Disk();
    const options = { files: disk, reserveBytes: 0, processes: DEAD, auditBytes: 100 };
    const first = await FilesystemStorage.open("/data", options);
    for (let at = 0; at < 5; at++) {
      await (
        await first.commit({ audit: [{ at, by: "ann", action: "queue.paused" }] })
      ).durable;
      await first.audit({ after: 0, limit: 1 });
    }
    await first.close();
    await disk.remove("/data/queue.rkvs/audit.log");
    const archived = await FilesystemStorage.open("/data", options);

    await expect(move(archived, target)).rejects.toThrow(
      /the audit log begins at entry \d: put back what was archived/,
    );
    await archived.close();
  });

  it("refuses to go back where something was done in both", async () => {
    await move(source, target);
    await source.commit({ audit: [{ at: 9, by: "bob", action: "queue.paused" }] });

    await expect(move(target, source)).rejects.toThrow("goes on otherwise than the source's");
  });
});
