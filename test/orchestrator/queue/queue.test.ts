import { afterEach, describe, expect, test } from "@jest/globals";
import type { QueueEvent } from "../../../orchestrator/queue/events";
import type { QueueSettings } from "../../../orchestrator/queue/settings";
import { ASKED } from "../made";
import { idsOf, nth, Opened } from "./opened";

let opened: Opened | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function create(settings: Partial<QueueSettings> = {}): Promise<Opened> {
  return (opened = await Opened.create(settings));
}

const MINUTE = 60_000;

describe("order", () => {
  test("first in, first out", async () => {
    const q = await create();
    for (let at = 0; at < 5; at++) await q.submit();
    expect(idsOf(await q.claimAll())).toEqual(["t1", "t2", "t3", "t4", "t5"]);
  });

  test("the more urgent first, in each priority first in first out", async () => {
    const q = await create();
    for (const priority of [1, 9, 5, 9, 1, 5]) await q.submit({ priority });
    expect(idsOf(await q.claimAll())).toEqual(["t2", "t4", "t3", "t6", "t1", "t5"]);
  });

  test("nothing waits forever: ten minutes weigh as much as a step of priority", async () => {
    const q = await create();
    await q.submit({ priority: 4 });
    await q.clock.pass(9 * MINUTE);
    await q.submit({ priority: 5 });
    await q.clock.pass(2 * MINUTE);
    await q.submit({ priority: 5 });
    expect(idsOf(await q.claimAll())).toEqual(["t2", "t1", "t3"]);
  });

  test("a clock that is set back changes no order", async () => {
    const q = await create();
    await q.submit();
    q.clock.jump(-365 * 24 * 60 * MINUTE);
    await q.submit();
    await q.crash();
    await q.submit();
    expect(idsOf(await q.claimAll())).toEqual(["t1", "t2", "t3"]);
  });
});

describe("concurrency", () => {
  test("no more at once than allowed, of all and of a kind", async () => {
    const q = await create({ concurrency: { total: 3, kinds: { servers: 1 } } });
    for (const kind of ["servers", "servers", "cluster", "cluster", "cluster"] as const) await q.submit({ kind });
    const claims = await q.claimAll();
    expect(idsOf(claims)).toEqual(["t1", "t3", "t4"]);

    await q.queue.claims.complete(nth(claims, 1), null);
    expect(idsOf(await q.claimAll())).toEqual(["t5"]);
    await q.queue.claims.complete(nth(claims, 0), null);
    expect(idsOf(await q.claimAll())).toEqual(["t2"]);
  });

  test("one writer a stack, first in first out whatever the priority; readers run beside", async () => {
    const q = await create();
    await q.submit({ stack: "gke", priority: 1 });
    await q.submit({ stack: "gke", priority: 9 });
    await q.submit({ stack: "kind" });
    await q.submit({ stack: "gke", operation: "preview" });
    const claims = await q.claimAll();
    expect(idsOf(claims)).toEqual(["t3", "t4", "t1"]);
    expect(q.queue.waiting("t2")).toBe("stack");

    await q.queue.claims.complete(nth(claims, 2), null);
    expect(idsOf(await q.claimAll())).toEqual(["t2"]);
  });

  test("who waits for a retry keeps the stack", async () => {
    const q = await create();
    await q.submit({ stack: "gke" });
    await q.submit({ stack: "gke" });
    const claim = await q.claim();
    await q.queue.claims.fail(claim, { code: "x", message: "no", permanent: false });
    expect(idsOf(await q.claimAll())).toEqual([]);
    await q.clock.pass(2500);
    expect(idsOf(await q.claimAll())).toEqual(["t1"]);
  });
});

describe("failures", () => {
  test("three retries with growing delays, then a dead letter; every transition with who, when and why", async () => {
    const q = await create();
    await q.submit();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      const start = q.clock.monotonic();
      while (q.queue.waiting("t1") !== "place") await q.clock.pass(500);
      const claim = await q.claim();
      waits.push(q.clock.monotonic() - start);
      await q.queue.claims.fail(claim, { code: "engine", message: "no answer", permanent: false });
    }
    expect(waits).toEqual([0, 2500, 5000, 10_000]);
    const task = await q.storage.task("t1");
    expect(task).toMatchObject({ state: "failed", attempts: 4, error: { code: "engine", message: "no answer" } });
    expect(task?.lease).toBeUndefined();
    expect(task?.history.map(({ from, to, by, why }) => `${from} ${to} ${by}: ${why}`)).toEqual([
      "null pending ann: submitted",
      "pending running here/1/1: attempt 1",
      "running failed here/1/1: attempt 1: no answer",
      "failed pending queue: retry 1 of 3 in 2.5 s",
      "pending running here/1/1: attempt 2",
      "running failed here/1/1: attempt 2: no answer",
      "failed pending queue: retry 2 of 3 in 5.0 s",
      "pending running here/1/1: attempt 3",
      "running failed here/1/1: attempt 3: no answer",
      "failed pending queue: retry 3 of 3 in 10.0 s",
      "pending running here/1/1: attempt 4",
      "running failed here/1/1: attempt 4: no answer",
    ]);
    expect(await q.claimAll()).toEqual([]);
  });

  test("a permanent error is not tried again; a person's retry begins anew", async () => {
    const q = await create();
    await q.submit();
    const claim = await q.claim();
    await q.queue.claims.fail(claim, { code: "stack-not-found", message: "no stack", permanent: true });
    expect((await q.storage.task("t1"))?.state).toBe("failed");

    await q.queue.retry("t1", "bob", "the stack is there now");
    const again = await q.claim();
    expect(again.task).toMatchObject({ id: "t1", attempts: 1 });
    expect(again.token).toBeGreaterThan(claim.token);
  });
});

describe("leases", () => {
  test("who lost a lease cannot commit", async () => {
    const q = await create();
    await q.submit({ stack: "gke" });
    const claim = await q.claim();
    await q.clock.pass(29_000);
    q.queue.claims.beat(claim);
    await q.clock.pass(29_000);
    await q.queue.claims.reap();
    expect(q.queue.claims.isHeld(claim)).toBe(true);
    await q.clock.pass(2000);
    await q.queue.claims.reap();

    const lost = { code: "lease-lost", details: { id: "t1", token: claim.token } };
    await expect(q.queue.claims.complete(claim, null)).rejects.toMatchObject(lost);
    expect(() => {
      q.queue.claims.beat(claim);
    }).toThrow(expect.objectContaining(lost));
    const again = await q.claim();
    expect(again.token).toBeGreaterThan(claim.token);
    await expect(q.queue.claims.fail(claim, { code: "x", message: "", permanent: true })).rejects.toMatchObject(lost);
    await q.queue.claims.complete(again, { url: "x" });
    expect(await q.storage.task("t1")).toMatchObject({ state: "completed", result: { url: "x" } });
  });

  test("what ran when the machine went down waits again, and keeps its attempts", async () => {
    const q = await create();
    await q.submit({ retries: 1 });
    const claim = await q.claim();
    await q.submit();
    await q.crash();
    const again = await q.claim();
    expect(again.task).toMatchObject({ id: "t1", attempts: 2 });
    expect(again.token).toBeGreaterThan(claim.token);
    await q.submit();
    await q.crash();
    expect(await q.storage.task("t1")).toMatchObject({ state: "failed", error: { code: "lease-lost" } });
  });

  test("handing back costs no attempt", async () => {
    const q = await create();
    await q.submit();
    const claim = await q.claim();
    await q.queue.claims.handBack(claim, "the service is stopping");
    expect(await q.storage.task("t1")).toMatchObject({ state: "pending", attempts: 0 });
    expect(idsOf(await q.claimAll())).toEqual(["t1"]);
  });
});

describe("dependencies", () => {
  test("a task runs once all that it depends on are completed", async () => {
    const q = await create();
    const all = await q.queue.submitAll(
      [
        { ...ASKED, ref: "c", dependsOn: ["a", "b"] },
        { ...ASKED, ref: "a" },
        { ...ASKED, ref: "b", dependsOn: ["a"] },
      ],
      "ann",
    );
    expect(all.map(({ task }) => [task.id, task.dependsOn])).toEqual([
      ["t3", ["t1", "t2"]],
      ["t1", []],
      ["t2", ["t1"]],
    ]);
    const order: string[] = [];
    for (let claims = await q.claimAll(); claims.length > 0; claims = await q.claimAll()) {
      order.push(...idsOf(claims));
      for (const claim of claims) await q.queue.claims.complete(claim, null);
    }
    expect(order).toEqual(["t1", "t2", "t3"]);
  });

  test("a circle is refused with its way, and nothing is stored", async () => {
    const q = await create();
    const submitted = q.queue.submitAll(
      [
        { ...ASKED, ref: "a", dependsOn: ["b"] },
        { ...ASKED, ref: "b", dependsOn: ["c"] },
        { ...ASKED, ref: "c", dependsOn: ["a"] },
      ],
      "ann",
    );
    await expect(submitted).rejects.toMatchObject({
      code: "dependency-cycle",
      message: "dependsOn: a → b → c → a goes round in a circle; take one of them out",
    });
    expect((await q.storage.counts()).pending).toBe(0);
  });

  test("when one fails for good, those that depend on it fail, and theirs", async () => {
    const q = await create();
    const { id } = await q.submit();
    const { id: second } = await q.submit({ dependsOn: [id] });
    await q.submit({ dependsOn: [second] });
    const claim = await q.claim();
    await q.queue.claims.fail(claim, { code: "x", message: "no", permanent: true });
    const codes = await Promise.all(["t1", "t2", "t3"].map(async (task) => (await q.storage.task(task))?.error?.code));
    expect(codes).toEqual(["x", "dependency-failed", "dependency-failed"]);
    await expect(q.queue.retry("t2", "bob", "")).rejects.toMatchObject({
      code: "dependency-failed",
      details: { id: "t1" },
    });
    await expect(q.submit({ dependsOn: ["t1"] })).rejects.toMatchObject({ code: "dependency-failed" });
    await expect(q.submit({ dependsOn: ["none"] })).rejects.toMatchObject({ code: "dependency-unknown" });
  });

  test("they are waited for after a restart as well", async () => {
    const q = await create();
    const { id } = await q.submit();
    await q.submit({ dependsOn: [id] });
    await q.crash();
    const claim = await q.claim();
    const others = await q.claimAll();
    expect([claim.task.id, others]).toEqual(["t1", []]);
    await q.queue.claims.complete(claim, null);
    expect(idsOf(await q.claimAll())).toEqual(["t2"]);
  });
});

describe("people", () => {
  test("the same key gives the same task, for the same request only", async () => {
    const q = await create();
    const asked = { ...ASKED, key: "k" };
    const answers = await Promise.all(Array.from({ length: 10 }, async () => q.queue.submit(asked, "ann")));
    expect(new Set(answers.map(({ task }) => task.id)).size).toBe(1);
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    const other = q.queue.submit({ ...asked, input: { infra: "other" } }, "ann");
    await expect(other).rejects.toMatchObject({ code: "key-reused" });
  });

  test("cancel ends what waits at once, and asks what runs to stop", async () => {
    const q = await create();
    await q.submit();
    await q.submit();
    await q.queue.cancel("t2", "bob", "not needed");
    expect(await q.storage.task("t2")).toMatchObject({ state: "cancelled" });
    await expect(q.queue.cancel("t2", "bob", "again")).rejects.toMatchObject({
      code: "wrong-state",
      details: { state: "cancelled" },
    });
    await expect(q.queue.cancel("none", "bob", "")).rejects.toMatchObject({ code: "not-found" });

    const claim = await q.claim();
    const stopped: string[] = [];
    q.queue.claims.onStop(claim, (why) => stopped.push(why));
    await q.queue.cancel("t1", "bob", "wrong stack");
    await q.queue.cancel("t1", "eve", "twice");
    expect(stopped).toEqual(["wrong stack"]);
    await q.queue.claims.fail(claim, { code: "stopped", message: "stopped", permanent: false });
    const task = await q.storage.task("t1");
    expect(task?.history.at(-1)).toMatchObject({ from: "running", to: "cancelled", by: "bob", why: "wrong stack" });
    expect(await q.claimAll()).toEqual([]);
  });

  test("a gate holds a task until a person approves; refusing cancels", async () => {
    const q = await create();
    await q.submit({ needsApproval: true });
    await q.submit({ needsApproval: true });
    expect(await q.claimAll()).toEqual([]);
    await q.queue.approve("t1", "bob", "looks right");
    await q.queue.reject("t2", "bob", "too big");
    expect(idsOf(await q.claimAll())).toEqual(["t1"]);
    expect((await q.storage.task("t1"))?.approval).toMatchObject({ state: "approved", by: "bob", why: "looks right" });
    expect((await q.storage.task("t2"))?.history.at(-1)).toMatchObject({ to: "cancelled", why: "refused: too big" });
    await expect(q.queue.approve("t1", "bob", "")).rejects.toMatchObject({
      code: "wrong-state",
      details: { state: "running" },
    });
  });

  test("a pause holds all, a kind or a stack, also through a restart", async () => {
    const q = await create();
    await q.submit({ kind: "servers" });
    await q.submit({ stack: "gke" });
    await q.submit();
    await q.queue.pause({ kind: "servers" }, "bob", "quota");
    await q.queue.pause({ stack: "gke" }, "bob", "freeze");
    await q.crash();
    expect(idsOf(await q.claimAll())).toEqual(["t3"]);
    await q.queue.resume({ stack: "gke" }, "bob", "thawed");
    expect(idsOf(await q.claimAll())).toEqual(["t2"]);
    await q.queue.pause({ all: true }, "bob", "");
    await q.queue.resume({ kind: "servers" }, "bob", "");
    expect(await q.claimAll()).toEqual([]);
    await q.queue.resume({ all: true }, "bob", "");
    expect(idsOf(await q.claimAll())).toEqual(["t1"]);
  });

  test("draining takes nothing, begins nothing, and ends with what runs", async () => {
    const q = await create();
    await q.submit();
    const claim = await q.claim();
    await q.submit();
    let drained = false;
    const draining = q.queue.drain().then(() => (drained = true));
    await expect(q.submit()).rejects.toMatchObject({ code: "draining" });
    expect([await q.claimAll(), drained]).toEqual([[], false]);
    await q.queue.claims.complete(claim, null);
    await draining;
  });
});

test("listeners hear what is durable, numbered as the audit log is", async () => {
  const q = await create();
  const events: QueueEvent[] = [];
  q.queue.listen((event) => events.push(event));
  await q.submit();
  const claim = await q.claim();
  await q.queue.claims.progress(claim, { done: 1, total: 2, message: "half" });
  await q.queue.claims.complete(claim, null);
  expect(
    events
      .map((event) => (event.type === "task" ? `${event.n} ${event.note.action}` : event.task.progress?.message))
      .sort(),
  ).toEqual(["1 task.submitted", "2 task.running", "3 task.completed", "half"]);
  const entries = await q.storage.audit({ after: 0, limit: 10 });
  expect(entries.map(({ n, action }) => `${n} ${action}`)).toEqual([
    "1 task.submitted",
    "2 task.running",
    "3 task.completed",
  ]);
});

test("a task with a start time waits for it, also when the clock jumps", async () => {
  const q = await create();
  await q.submit({ notBefore: q.clock.now() + 90 * MINUTE });
  await q.clock.pass(89 * MINUTE);
  expect(await q.claimAll()).toEqual([]);
  q.clock.jump(-MINUTE);
  await q.clock.pass(MINUTE);
  expect(await q.claimAll()).toEqual([]);
  q.clock.jump(5 * MINUTE);
  await q.clock.pass(MINUTE);
  expect(idsOf(await q.claimAll())).toEqual(["t1"]);
});

test("no more tasks wait than allowed", async () => {
  const q = await create({ longest: 2 });
  await q.submit();
  await q.submit();
  await expect(q.submit()).rejects.toMatchObject({ code: "queue-full" });
});
