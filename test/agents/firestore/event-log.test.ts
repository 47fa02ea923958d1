import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { EventLog } from "../../../agents/firestore/event-log";
import { Emulator } from "./emulator";

let emulator: Emulator;

beforeAll(async () => {
  emulator = await Emulator.start();
});

afterAll(() => emulator.stop());

/** A log with a client of its own, as another pod has it. */
function logOf(project: string): EventLog {
  return new EventLog(emulator.client(project));
}

function all(thread: string, rest: { seq_from?: number; limit?: number } = {}) {
  return { thread_path: thread, seq_from: 0, type_filter: [], limit: 500, ...rest };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("append", () => {
  test("numbers the events of a thread from 1 on, and those of another thread for themselves", async () => {
    const log = logOf("numbers");
    const event = { type: "note", payload: {} };
    const seqs = [];
    for (const thread of ["t/a", "t/b", "t/a"]) seqs.push((await log.append(thread, event)).seq);
    expect(seqs).toEqual([1, 1, 2]);
  });

  test("stores the event under its number, with the time of the database", async () => {
    const before = Date.now();
    const db = emulator.client("stored");
    const appended = await new EventLog(db).append("trips/t1", { type: "booked", payload: { seat: 3 }, parent_seq: 7 });
    const event = {
      seq: 1,
      type: "booked",
      payload: { seat: 3 },
      thread_path: "trips/t1",
      parent_seq: 7,
      append_id: expect.any(String),
    };
    const path = "trips/t1/events/0000000000000001";
    expect(appended).toEqual({ thread_path: "trips/t1", path, seq: 1, event });
    const stored = await db.doc(path).get();
    expect(stored.data()).toEqual({
      ...event,
      seq: 1n,
      parent_seq: 7n,
      payload: { seat: 3n },
      server_time: expect.anything(),
    });
    const time = (stored.get("server_time") as { toMillis(): number }).toMillis();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  test("given events that somebody numbered without such ids, goes on behind them", async () => {
    const db = emulator.client("others");
    await db.doc("t/a/events/5f2c").set({ seq: 41, type: "old" });
    await db.doc("t/a/events/text").set({ seq: "99", type: "no number" });
    expect((await new EventLog(db).append("t/a", { type: "new", payload: {} })).seq).toBe(42);
  });

  test("given the last whole number that there is, refuses to guess the next", async () => {
    const db = emulator.client("last");
    await db.doc("t/a/events/last").set({ seq: 2 ** 53 - 1 });
    await expect(new EventLog(db).append("t/a", { type: "new", payload: {} })).rejects.toMatchObject({
      statusCode: 409,
      message: "the last event of t/a has seq 9007199254740991, which has no next whole number",
    });
  });

  // Proves that no event is lost, doubled or left out when appenders read the same maximum: the emulator lets them, since
  // its transactions are not isolated, and only one of them gets the document. What it cannot prove is how the real
  // Firestore's locks behave under such a crowd: how often it aborts transactions, and how long that takes.
  test("given many appenders in several processes at once, leaves no gap and doubles no number", async () => {
    const logs = Array.from({ length: 5 }, () => logOf("crowd"));
    const appended = await Promise.all(
      numbers(12).flatMap((index) => logs.map((log) => log.append("t/a", { type: "note", payload: { index } }))),
    );
    expect(appended.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(numbers(60));
    const { events } = await logOf("crowd").replay(all("t/a"));
    expect(events.map(({ seq }) => seq)).toEqual(numbers(60));
    const stored = events.map(({ append_id }) => append_id);
    expect(new Set(stored)).toEqual(new Set(appended.map(({ event }) => event.append_id)));
  });

  test("in one process, the order of the calls is that of the numbers", async () => {
    const log = logOf("order");
    const appended = await Promise.all(numbers(15).map(() => log.append("t/a", { type: "note", payload: {} })));
    expect(appended.map(({ seq }) => seq)).toEqual(numbers(15));
  });

  test("given a commit whose answer is lost, stores the event once", async () => {
    const log = logOf("lost");
    await log.append("t/a", { type: "first", payload: {} });
    emulator.loseNextAnswer();
    expect((await log.append("t/a", { type: "second", payload: {} })).seq).toBe(2);
    const { events } = await log.replay(all("t/a"));
    expect(events).toMatchObject([{ type: "first" }, { type: "second" }]);
  });

  test("given an aborted transaction, tries again", async () => {
    const log = logOf("aborted");
    emulator.failNext(10);
    expect((await log.append("t/a", { type: "note", payload: {} })).seq).toBe(1);
  });

  test("given others who are faster again and again, waits longer each time, and not for ever", async () => {
    const waits: number[] = [];
    const log = new EventLog(emulator.client("faster"), (milliseconds) => Promise.resolve(waits.push(milliseconds)));
    emulator.failNext(6, 100);
    await expect(log.append("t/a", { type: "note", payload: {} })).rejects.toMatchObject({
      statusCode: 409,
      message: "100 tries to append to t/a lost against other writers; try again",
    });
    expect(waits.length).toBe(100);
    expect(Math.max(...waits.slice(0, 3))).toBeLessThan(40);
    expect(Math.max(...waits)).toBeLessThan(500);
    expect((await log.append("t/a", { type: "note", payload: {} })).seq).toBe(1);
  });

  test("given a refusal, says so, and the next append works", async () => {
    const log = logOf("refused");
    emulator.failNext(7);
    await expect(log.append("t/a", { type: "note", payload: {} })).rejects.toMatchObject({ code: 7 });
    expect((await log.append("t/a", { type: "note", payload: {} })).seq).toBe(1);
  });
});

describe("replay", () => {
  test("pages of any length, from any number, give every event once and in order", async () => {
    const kinds = fc.constantFrom("a", "b", "c");
    const logs = [logOf("pages"), logOf("pages")] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ thread: fc.constantFrom("1", "2"), type: kinds, by: fc.nat(1) }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 12 }),
        fc.subarray(["a", "b", "c"]),
        async (appends, limit, seq_from, type_filter) => {
          const run = `runs/${randomUUID()}/threads`;
          await Promise.all(
            appends.map(({ thread, type, by }) =>
              (by === 0 ? logs[0] : logs[1]).append(`${run}/${thread}`, { type, payload: {} }),
            ),
          );
          for (const name of ["1", "2"]) {
            const thread = `${run}/${name}`;
            const wanted = appends.filter((append) => append.thread === name);
            const everything = (await logs[0].replay(all(thread))).events as unknown as { seq: number; type: string }[];
            expect(everything.map(({ seq }) => seq)).toEqual(numbers(wanted.length));
            expect(everything.map(({ type }) => type).sort()).toEqual(wanted.map(({ type }) => type).sort());

            const paged: typeof everything = [];
            let next: number | null = seq_from;
            while (next !== null) {
              const page = await logs[1].replay({ thread_path: thread, seq_from: next, type_filter, limit });
              expect(page.count).toBeLessThanOrEqual(limit);
              paged.push(...(page.events as unknown as typeof everything));
              next = page.next_seq;
            }
            const types: readonly string[] = type_filter;
            expect(paged).toEqual(
              everything.filter(({ seq, type }) => seq >= seq_from && (types.length === 0 || types.includes(type))),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test("ends where it is told to, and says where to go on only when there may be more", async () => {
    const log = logOf("range");
    for (const type of ["a", "b", "a", "b"]) await log.append("t/a", { type, payload: {} });
    const seqs = async (rest: object) => {
      const { events, next_seq } = await log.replay({ ...all("t/a"), ...rest });
      return [events.map(({ seq }) => seq), next_seq];
    };
    expect(await seqs({ seq_from: 2, seq_to: 3 })).toEqual([[2, 3], null]);
    expect(await seqs({ limit: 3 })).toEqual([[1, 2, 3], 4]);
    expect(await seqs({ limit: 4 })).toEqual([[1, 2, 3, 4], 5]);
    expect(await seqs({ seq_from: 5 })).toEqual([[], null]);
    expect(await seqs({ type_filter: ["b"], limit: 1 })).toEqual([[2], 3]);
  });
});
