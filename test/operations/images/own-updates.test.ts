import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { OwnUpdates } from "../../../operations/images/own-updates";

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "noetl-updates-"));
});

afterEach(() => {
  rmSync(cache, { recursive: true });
});

/** Starts a process that only a signal ends. @returns its number and the signal, when it has ended */
async function endless(onStart: () => void): Promise<[number, string]> {
  const child = spawn("sleep", ["600"]);
  child.once("spawn", onStart);
  const [, signal] = (await once(child, "exit")) as [null, string];
  return [child.pid ?? 0, signal];
}

/** What the CLI says. */
function refusal(...locks: { pid: number; host?: string }[]): string {
  const lines = locks.map(
    ({ pid, host = hostname() }, index) =>
      `\n  file:///state/${index}.json: created by somebody@${host} (pid ${pid}) at 2026-11-21T15:00:00Z`,
  );
  const said = `error: the stack is currently locked by ${locks.length} lock(s). Either wait…${lines.join("")}`;
  // The CLI says it once, and the Automation API twice.
  return `stderr: ${said}\nerr: ${said}`;
}

/** A process of ours that was ended. */
async function ended(updates: OwnUpdates): Promise<number> {
  const abort = new AbortController();
  const [pid] = await updates.run(
    () =>
      endless(() => {
        abort.abort();
      }),
    abort.signal,
  );
  return pid;
}

describe("updates of ours", () => {
  test("the signal interrupts one that runs", async () => {
    const abort = new AbortController();
    const run = new OwnUpdates(cache, "a").run(
      () =>
        endless(() => {
          abort.abort();
        }),
      abort.signal,
    );
    expect((await run)[1]).toBe("SIGINT");
  });

  test("the signal interrupts one that is only about to start", async () => {
    const abort = new AbortController();
    const run = new OwnUpdates(cache, "a").run(() => {
      abort.abort();
      return endless(() => undefined);
    }, abort.signal);
    expect((await run)[1]).toBe("SIGINT");
  });

  test("after the signal none is started", async () => {
    let started = false;
    const work = (): Promise<void> => {
      started = true;
      return Promise.resolve();
    };
    await expect(new OwnUpdates(cache, "a").run(work, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
    expect(started).toBe(false);
  });

  test("a lock that one of them has left is known, also by a later run", async () => {
    const pid = await ended(new OwnUpdates(cache, "a"));
    const later = new OwnUpdates(cache, "a");
    expect(later.haveLeft(refusal({ pid }))).toBe(true);
    later.forget();
    expect(later.haveLeft(refusal({ pid }))).toBe(false);
  });

  test("a lock of one that still runs is not left", async () => {
    const updates = new OwnUpdates(cache, "a");
    const abort = new AbortController();
    const work = async (): Promise<boolean> => {
      const child = spawn("sleep", ["600"]);
      await once(child, "spawn");
      const left = updates.haveLeft(refusal({ pid: child.pid ?? 0 }));
      const exit = once(child, "exit");
      abort.abort();
      await exit;
      return left;
    };
    expect(await updates.run(work, abort.signal)).toBe(false);
  });

  test.each<[string, (pid: number) => string]>([
    ["another machine", (pid) => refusal({ pid, host: "elsewhere" })],
    ["another process", (pid) => refusal({ pid: pid + 1 })],
    ["ours and somebody else", (pid) => refusal({ pid }, { pid, host: "elsewhere" })],
    ["nobody who is named", () => "[409] Conflict: Another update is currently in progress."],
  ])("a lock of %s is not ours", async (_, said) => {
    const updates = new OwnUpdates(cache, "a");
    const pid = await ended(updates);
    expect(updates.haveLeft(said(pid))).toBe(false);
  });

  test("a lock of another stack is not ours", async () => {
    const pid = await ended(new OwnUpdates(cache, "a"));
    expect(new OwnUpdates(cache, "b").haveLeft(refusal({ pid }))).toBe(false);
  });
});
