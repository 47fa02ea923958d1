import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { AuditEntry, AuditNote } from "../../../orchestrator/storage/audit";
import type { LogLine, Storage } from "../../../orchestrator/storage/storage";
import { moved } from "../../../orchestrator/tasks/moved";
import { headOf, type Task } from "../../../orchestrator/tasks/task";
import { newTask } from "../made";

/** One storage, and the ways to open it again. */
export interface StorageUnderTest {
  /** Opens what is stored; called again after the one before was closed or crashed. */
  open(): Promise<Storage>;
  /** Ends an open storage as a power loss does: what was not durable may be gone. */
  crash(storage: Storage): Promise<void>;
  /** Forgets all. */
  remove(): Promise<void>;
}

const NOTE: AuditNote = {
  at: 1000,
  by: "ann",
  action: "task.submitted",
  task: "a",
  from: null,
  to: "pending",
  why: "submitted",
};
const MOVE = { at: 2000, by: "worker", why: "attempt 1" };

/** What every storage must do: the same suite for each. */
export function conformsToStorage(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`${name} as a storage`, () => {
    let under: StorageUnderTest;
    let storage: Storage;

    beforeEach(async () => {
      under = await make();
      storage = await under.open();
    });

    afterEach(async () => {
      await storage.close();
      await under.remove();
    });

    async function commitAll<T extends Task[]>(...tasks: T): Promise<T> {
      const { tasks: written, durable } = await storage.commit({ tasks });
      await durable;
      return [...written] as T;
    }

    async function reopened(how: "close" | "crash"): Promise<void> {
      if (how === "close") await storage.close();
      else await under.crash(storage);
      storage = await under.open();
    }

    describe("tasks", () => {
      it("gives a new task its place and its first revision", async () => {
        const [a, b] = await commitAll(newTask("a"), newTask("b"));

        expect(a).toEqual({ ...newTask("a"), seq: 1, revision: 1 });
        expect(b).toEqual({ ...newTask("b"), seq: 2, revision: 1 });
        expect(await storage.task("a")).toEqual(a);
        expect(await storage.stateOf("b")).toBe("pending");
      });

      it("knows nothing of a task that is not there", async () => {
        expect(await storage.task("none")).toBeUndefined();
        expect(await storage.stateOf("none")).toBeUndefined();
        expect(await storage.taskByKey("none")).toBeUndefined();
      });

      it("tells whether what it says of a task survives a crash", async () => {
        const { durable } = await storage.commit({ tasks: [newTask("a")] });
        await durable;

        expect(await storage.isDurable("a")).toBe(true);
        expect(await storage.isDurable("none")).toBe(true);
      });

      it("writes a task on the revision that was read", async () => {
        const [a] = await commitAll(newTask("a"));

        const [running] = await commitAll(moved(a, "running", MOVE));

        expect(running).toEqual({ ...moved(a, "running", MOVE), revision: 2 });
        expect(await storage.task("a")).toEqual(running);
      });

      it("refuses a write on another revision, and all that is with it", async () => {
        const [a] = await commitAll(newTask("a"));
        await commitAll(moved(a, "running", MOVE));

        const late = storage.commit({ tasks: [newTask("b"), moved(a, "cancelled", MOVE)], audit: [NOTE] });

        await expect(late).rejects.toMatchObject({ name: "Refusal", code: "conflict" });
        expect(await storage.stateOf("a")).toBe("running");
        expect(await storage.task("b")).toBeUndefined();
        expect(await storage.audit({ after: 0, limit: 10 })).toEqual([]);
      });

      it("refuses a new task whose id is taken", async () => {
        await commitAll(newTask("a"));

        await expect(storage.commit({ tasks: [newTask("a")] })).rejects.toMatchObject({ code: "conflict" });
      });

      it("refuses a write of a task that is not there", async () => {
        const write = storage.commit({ tasks: [{ ...newTask("a"), revision: 1 }] });

        await expect(write).rejects.toMatchObject({ code: "conflict" });
      });

      it("lets one of many win that write on the same revision at once", async () => {
        const [a] = await commitAll(newTask("a"));

        const writes = await Promise.allSettled(
          Array.from({ length: 20 }, async (_, at) =>
            storage.commit({ tasks: [moved(a, "running", { ...MOVE, by: `w${at}` })] }),
          ),
        );

        expect(writes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect((await storage.task("a"))?.revision).toBe(2);
      });

      it("finds a task by its key, and gives a key to one task only", async () => {
        const [a] = await commitAll(newTask("a", { key: "k" }));

        const again = storage.commit({ tasks: [newTask("b", { key: "k" })] });

        await expect(again).rejects.toMatchObject({ code: "key-reused", details: { id: "a" } });
        expect(await storage.taskByKey("k")).toEqual(a);
        expect(await storage.task("b")).toBeUndefined();
      });

      it("keeps every text as it was", async () => {
        const input = { text: 'líne\n"\\ \u0000 😀 \u2028', deep: [{ a: null }, 1.5, true] };

        await commitAll(newTask("a", { input, key: "ключ", stack: "ünï" }));
        await reopened("close");

        expect(await storage.task("a")).toMatchObject({ input, key: "ключ", stack: "ünï" });
        expect((await storage.taskByKey("ключ"))?.id).toBe("a");
      });

      it("forgets an ended task, its key and its log", async () => {
        const [a] = await commitAll(newTask("a", { key: "k" }));
        const [ended] = await commitAll(moved(a, "cancelled", MOVE));
        await storage.appendLog("a", [{ at: 1, stream: "stdout", text: "x" }]);

        await (
          await storage.commit({ removed: [{ id: "a", revision: ended.revision }] })
        ).durable;

        expect(await storage.task("a")).toBeUndefined();
        expect(await storage.taskByKey("k")).toBeUndefined();
        expect((await storage.readLog("a")).lines).toEqual([]);
        expect(await storage.counts()).toEqual({ pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 });
        await reopened("close");
        expect(await storage.task("a")).toBeUndefined();
      });

      it("does not forget a task that has not ended", async () => {
        await commitAll(newTask("a"));

        const removal = storage.commit({ removed: [{ id: "a", revision: 1 }] });

        await expect(removal).rejects.toMatchObject({ code: "wrong-state" });
      });
    });

    describe("lists", () => {
      beforeEach(async () => {
        const tasks = await commitAll(
          ...Array.from({ length: 7 }, (_, at) =>
            newTask(`t${at}`, {
              kind: at % 2 === 0 ? "cluster" : "servers",
              stack: at < 3 ? "kind" : "gke",
              needsApproval: at === 6,
            }),
          ),
        );
        await commitAll(
          moved(tasks[1] ?? newTask(""), "running", MOVE),
          moved(tasks[4] ?? newTask(""), "cancelled", MOVE),
        );
      });

      it.each([
        [{}, ["t6", "t5", "t4", "t3", "t2", "t1", "t0"]],
        [{ first: "oldest" as const }, ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]],
        [{ states: ["running" as const, "cancelled" as const] }, ["t4", "t1"]],
        [{ kinds: ["servers" as const] }, ["t5", "t3", "t1"]],
        [{ operations: ["destroy" as const] }, []],
        [{ stack: "kind" }, ["t2", "t1", "t0"]],
        [{ needsApproval: true }, ["t6"]],
        [{ stack: "gke", states: ["pending" as const], kinds: ["cluster" as const] }, ["t6"]],
      ])("lists %j", async (query, ids) => {
        const page = await storage.tasks(query);

        expect(page.tasks.map(({ id }) => id)).toEqual(ids);
        expect(page.cursor).toBeUndefined();
      });

      it.each(["oldest", "newest"] as const)("pages, %s first, without a gap while tasks come", async (first) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await storage.tasks({ first, limit: 3, cursor, states: ["pending", "running", "cancelled"] });
          seen.push(...page.tasks.map(({ id }) => id));
          if (cursor === undefined) await commitAll(newTask("late"));
          cursor = page.cursor;
        } while (cursor !== undefined);

        const all = ["t0", "t1", "t2", "t3", "t4", "t5", "t6"];
        expect(seen).toEqual(first === "oldest" ? [...all, "late"] : all.reverse());
      });

      it("refuses a cursor that is of no page", async () => {
        await expect(storage.tasks({ cursor: "../x" })).rejects.toMatchObject({ code: "invalid" });
      });

      it("gives the heads of all that have not ended, in the order of submission", async () => {
        await reopened("close");
        const heads = [];
        for await (const head of storage.unended()) heads.push(head);

        expect(heads.map(({ id }) => id)).toEqual(["t0", "t1", "t2", "t3", "t5", "t6"]);
        expect(heads[1]).toEqual(headOf((await storage.task("t1")) ?? newTask("none")));
      });

      it("counts the tasks in each state", async () => {
        const counts = { pending: 5, running: 1, completed: 0, failed: 0, cancelled: 1 };

        expect(await storage.counts()).toEqual(counts);
        await reopened("close");
        expect(await storage.counts()).toEqual(counts);
      });
    });

    describe("documents", () => {
      it("keeps, changes and removes documents", async () => {
        const write = async (revision: number, value?: string) =>
          (await storage.commit({ documents: [{ collection: "schedules", id: "nightly", revision, value }] })).durable;

        await write(0, "0 3 * * *");
        await write(1, "0 4 * * *");
        const kept = { collection: "schedules", id: "nightly", revision: 2, value: "0 4 * * *" };
        expect(await storage.document("schedules", "nightly")).toEqual(kept);
        await reopened("close");
        expect(await storage.documents("schedules")).toEqual([kept]);
        expect(await storage.documents("others")).toEqual([]);
        await expect(write(1)).rejects.toMatchObject({ code: "conflict" });
        await write(2);
        expect(await storage.document("schedules", "nightly")).toBeUndefined();
        await reopened("close");
        expect(await storage.documents("schedules")).toEqual([]);
      });
    });

    describe("logs", () => {
      const line = (text: string): LogLine => ({ at: 1, stream: "stdout", text });

      it("reads lines in the order of appending, page by page, and those that come later", async () => {
        await storage.appendLog("a", [line("1"), line("2\n2"), line("3")]);
        const first = await storage.readLog("a", { limit: 2 });
        const second = await storage.readLog("a", { cursor: first.cursor });
        await storage.appendLog("a", [line("4")]);
        const third = await storage.readLog("a", { cursor: second.cursor });
        const fourth = await storage.readLog("a", { cursor: third.cursor });

        expect([first, second, third, fourth].map(({ lines }) => lines.map(({ text }) => text))).toEqual([
          ["1", "2\n2"],
          ["3"],
          ["4"],
          [],
        ]);
        expect(fourth.cursor).toBe(third.cursor);
      });

      it("keeps tasks apart, and the order of those who append at once", async () => {
        await Promise.all(Array.from({ length: 20 }, async (_, at) => storage.appendLog("a", [line(String(at))])));
        await storage.appendLog("b", [line("b")]);

        const texts = (await storage.readLog("a")).lines.map(({ text }) => Number(text));
        expect(texts).toEqual(Array.from({ length: 20 }, (_, at) => at));
        expect((await storage.readLog("b")).lines).toEqual([line("b")]);
        expect((await storage.readLog("none")).lines).toEqual([]);
      });

      it("keeps lines that were flushed through a crash", async () => {
        await storage.appendLog("a", [line("kept")]);
        await storage.flushLog("a");

        await reopened("crash");

        await storage.appendLog("a", [line("more")]);
        expect((await storage.readLog("a")).lines).toEqual([line("kept"), line("more")]);
      });

      it("refuses a cursor that is of no page", async () => {
        await expect(storage.readLog("a", { cursor: "-1" })).rejects.toMatchObject({ code: "invalid" });
      });
    });

    describe("audit log", () => {
      it("numbers the notes, and chains them", async () => {
        const first = await storage.commit({ tasks: [newTask("a")], audit: [NOTE, { ...NOTE, action: "task.seen" }] });
        const second = await storage.commit({ audit: [{ at: 1001, by: "bob", action: "queue.paused" }] });
        await second.durable;

        expect([first.firstAudit, second.firstAudit]).toEqual([1, 3]);
        const entries = await storage.audit({ after: 0, limit: 10 });
        const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
        expect(entries).toEqual([
          { n: 1, ...NOTE, hash },
          { n: 2, ...NOTE, action: "task.seen", hash },
          { n: 3, at: 1001, by: "bob", action: "queue.paused", hash },
        ]);
        expect(await storage.verifyAudit()).toEqual({ whole: true, entries: 3, hash: entries[2]?.hash ?? "" });
      });

      it("reads on from a number, and of one task", async () => {
        for (const task of ["a", "b", "a"]) await (await storage.commit({ audit: [{ ...NOTE, task }] })).durable;

        const numbers = async (options: Parameters<Storage["audit"]>[0]) =>
          (await storage.audit(options)).map(({ n }) => n);
        expect(await numbers({ after: 1, limit: 10 })).toEqual([2, 3]);
        expect(await numbers({ after: 0, limit: 2 })).toEqual([1, 2]);
        expect(await numbers({ after: 0, limit: 10, task: "a" })).toEqual([1, 3]);
        expect(await numbers({ after: 3, limit: 10 })).toEqual([]);
      });

      it.each(["close", "crash"] as const)("goes on with the chain after a %s", async (how) => {
        await (
          await storage.commit({ audit: [NOTE, NOTE] })
        ).durable;
        await reopened(how);
        const { firstAudit, durable } = await storage.commit({ audit: [NOTE] });
        await durable;

        expect(firstAudit).toBe(3);
        expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 3 });
      });
    });

    describe("records of another storage", () => {
      const entry = (n: number, hash: string) => ({ n, ...NOTE, hash });
      /** Of a chain as another storage has it: the numbers and the texts are the same, so the hashes are. */
      async function chain(): Promise<readonly [AuditEntry, AuditEntry]> {
        await (
          await storage.commit({ audit: [NOTE, NOTE] })
        ).durable;
        const [first, second] = await storage.audit({ after: 0, limit: 2 });
        if (!first || !second) throw new Error("it has two entries");
        await storage.close();
        await under.remove();
        under = await make();
        storage = await under.open();
        return [first, second];
      }

      it("are kept as they are, through a crash", async () => {
        const [first, second] = await chain();
        const b = moved({ ...newTask("b", { key: "k" }), seq: 7, revision: 3 }, "running", MOVE);
        const a = { ...newTask("a"), seq: 4, revision: 1 };
        const document = { collection: "pauses", id: "all", revision: 5, value: { why: "x" } };
        await storage.load({ tasks: [b, a], documents: [document], audit: [first, second] });
        await reopened("crash");

        expect((await storage.tasks({ first: "oldest" })).tasks).toEqual([a, b]);
        expect(await storage.taskByKey("k")).toEqual(b);
        expect(await storage.counts()).toMatchObject({ pending: 1, running: 1 });
        expect(await storage.collections()).toEqual(["pauses"]);
        expect(await storage.documents("pauses")).toEqual([document]);
        expect(await storage.audit({ after: 0, limit: 9 })).toEqual([entry(1, first.hash), entry(2, second.hash)]);
        expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 2 });
        const [c] = await commitAll(newTask("c"));
        expect(c.seq).toBe(8);
      });

      it("are written over what is there, and taken away", async () => {
        const [first, second] = await chain();
        const a = { ...newTask("a"), seq: 4, revision: 1 };
        const ended = { ...moved(a, "cancelled", MOVE), revision: 9 };
        const document = { collection: "pauses", id: "all", revision: 5, value: 1 };
        const b = { ...newTask("b", { key: "k" }), seq: 5, revision: 1 };
        await storage.load({ tasks: [a, b], documents: [document], audit: [first] });
        await storage.appendLog("b", [{ at: 1, stream: "stdout", text: "x" }]);
        await storage.load({ removed: ["b"], gone: [document] });
        const again = {
          tasks: [ended, { ...newTask("c", { key: "k" }), seq: 6, revision: 1 }],
          audit: [first, second],
        };
        await storage.load(again);
        await storage.load({ removed: ["c"] });
        for (let time = 0; time < 2; time++) await storage.load(again);

        expect(await storage.task("a")).toEqual(ended);
        expect(await storage.task("b")).toBeUndefined();
        expect((await storage.readLog("b")).lines).toEqual([]);
        expect((await storage.taskByKey("k"))?.id).toBe("c");
        expect(await storage.counts()).toMatchObject({ pending: 1, cancelled: 1 });
        expect((await storage.tasks({ first: "oldest" })).tasks.map(({ id }) => id)).toEqual(["a", "c"]);
        expect(await storage.collections()).toEqual([]);
        expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 2 });
      });

      it("raise the session of the next opening", async () => {
        await storage.load({ session: 1000 });
        await reopened("close");

        expect(storage.session).toBeGreaterThan(1000);
      });
    });

    describe("durability", () => {
      it.each(["close", "crash"] as const)("keeps through a %s what was told to be durable", async (how) => {
        const [a, b] = await commitAll(newTask("a", { key: "k" }), newTask("b"));
        const [running] = await commitAll(moved(b, "running", MOVE));
        await reopened(how);

        expect(await storage.task("a")).toEqual(a);
        expect(await storage.task("b")).toEqual(running);
        expect((await storage.taskByKey("k"))?.id).toBe("a");
        const [c] = await commitAll(newTask("c"));
        expect(c.seq).toBe(3);
      });

      it("sees at once what was decided, before it is durable", async () => {
        const { tasks, durable } = await storage.commit({ tasks: [newTask("a")] });

        expect(await storage.task("a")).toEqual(tasks[0]);
        await durable;
        expect(await storage.task("a")).toEqual(tasks[0]);
      });

      it("undoes in a crash only from some commit on", async () => {
        for (let at = 0; at < 20; at++) await storage.commit({ tasks: [newTask(`t${at}`)] });
        await reopened("crash");

        const { tasks } = await storage.tasks({ first: "oldest" });
        expect(tasks.map(({ id }) => id)).toEqual(tasks.map((_, at) => `t${at}`));
      });

      it("counts its sessions", async () => {
        const first = storage.session;
        await reopened("crash");
        const second = storage.session;
        await reopened("close");

        expect(second).toBeGreaterThan(first);
        expect(storage.session).toBeGreaterThan(second);
      });

      it("refuses everything once it is closed", async () => {
        await storage.close();

        await expect(storage.commit({ tasks: [newTask("a")] })).rejects.toMatchObject({ code: "closed" });
        await storage.close();
        expect(storage.health().state).toBe("ok");
        storage = await under.open();
      });
    });
  });
}
