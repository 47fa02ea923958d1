import { afterEach, describe, expect, it } from "@jest/globals";
import { Retention } from "../../../orchestrator/queue/retention";
import { Opened } from "./opened";

const DAY = 24 * 60 * 60 * 1000;

let q: Opened;
let retention: Retention;
afterEach(async () => {
  await retention.stop();
  await q.close();
});

async function given(keep: { tasks: number; ms: number }): Promise<unknown[]> {
  q = await Opened.create({ keep });
  const errors: unknown[] = [];
  retention = new Retention(q.queue, (error) => errors.push(error));
  return errors;
}

/** Submits a task and cancels it. @returns its id */
async function ended(key?: string): Promise<string> {
  const { id } = await q.submit({ key });
  await q.queue.cancel(id, "ann", "no longer needed");
  return id;
}

const ids = async () => (await q.storage.tasks({ first: "oldest", limit: 1000 })).tasks.map(({ id }) => id);

describe("ended tasks", () => {
  it("are forgotten when they are too many, the oldest first, with log and key", async () => {
    await given({ tasks: 2, ms: DAY });
    const [first] = [await ended("key"), await ended(), await ended(), await ended()];
    await q.storage.appendLog(first, [{ at: 1, stream: "stdout", text: "x" }]);

    await retention.look();

    expect(await ids()).toEqual(["t3", "t4"]);
    expect((await q.storage.readLog(first)).lines).toEqual([]);
    expect(await q.storage.taskByKey("key")).toBeUndefined();
    expect((await q.storage.audit({ after: 0, limit: 100 })).at(-1)).toMatchObject({
      by: "queue",
      action: "tasks.forgotten",
      why: "2 ended tasks, the newest of 2026-11-21T00:00:00.000Z",
    });
  });

  it("are forgotten once they ended too long ago, by the clock", async () => {
    await given({ tasks: 100, ms: DAY });
    await ended();
    await q.clock.pass(DAY / 2);
    await ended();
    await q.clock.pass(DAY / 2);
    expect(await ids()).toEqual(["t1", "t2"]);

    await q.clock.pass(2 * 60 * 1000);

    expect(await ids()).toEqual(["t2"]);
  });

  it("are kept while a task depends on them, as are those that have not ended", async () => {
    await given({ tasks: 0, ms: DAY });
    const { id } = await q.submit();
    const claim = await q.claim();
    await q.queue.claims.complete(claim, null);
    await q.submit({ dependsOn: [id] });
    await ended();

    await retention.look();

    expect(await ids()).toEqual(["t1", "t2"]);
    expect(await q.storage.verifyAudit()).toMatchObject({ whole: true });
  });

  it("stay forgotten after a crash, in more than one commit's number", async () => {
    await given({ tasks: 1, ms: DAY });
    const submitted = await q.queue.submitAll(
      Array.from({ length: 520 }, () => ({ kind: "cluster" as const, operation: "create" as const, input: {} })),
      "ann",
    );
    await Promise.all(submitted.map(async ({ task }) => q.queue.cancel(task.id, "ann", "")));

    await retention.look();
    await q.crash();

    expect(await ids()).toEqual(["t520"]);
  });

  it("are forgotten on a full disk, too: that makes room", async () => {
    const errors = await given({ tasks: 0, ms: DAY });
    await ended();
    q.disk.room = q.disk.used;

    await retention.look();

    expect(errors).toEqual([]);
    expect(await ids()).toEqual([]);
    q.disk.room = Infinity;
  });
});
