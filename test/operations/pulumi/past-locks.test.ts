import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { OwnProcesses } from "../../../operations/pulumi/own-processes";
import { LOCK_SECONDS, pastLocks } from "../../../operations/pulumi/past-locks";
import { isLocked, StackLocked } from "../../../operations/pulumi/stack-locks";

let folder: string;
let own: OwnProcesses;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-locks-"));
  own = new OwnProcesses(join(folder, "stack"));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A process that is noted as ours. @returns its number */
async function started(): Promise<number> {
  const child = spawn("sleep", ["600"]);
  children.push(child);
  await once(child, "spawn");
  own.note(child.pid ?? 0);
  return child.pid ?? 0;
}

/** One that has ended. */
async function ended(): Promise<number> {
  const pid = await started();
  const child = children.at(-1);
  const exit = child && once(child, "exit");
  child?.kill("SIGKILL");
  await exit;
  return pid;
}

interface Lock {
  pid: number;
  host?: string;
}

/** What the CLI says. */
function refusal(locks: readonly Lock[]): string {
  const lines = locks.map(
    ({ pid, host = hostname() }, index) =>
      `\n  file:///state/${index}.json?no_tmp_dir=true: created by ann@${host} (pid ${pid}) at 2026-11-21T15:00:00Z`,
  );
  const said = `error: the stack is currently locked by ${locks.length} lock(s). Either wait…${lines.join("")}`;
  // The CLI says it once, and the Automation API twice.
  return `stderr: ${said}\nerr: ${said}`;
}

/** A stack with locks, which go when they are cancelled, or when they were waited for often enough. */
function locked(locks: readonly Lock[], { waits = Infinity, said = refusal(locks), cancel = true } = {}) {
  const heard: string[] = [];
  let isFree = false;
  let waited = 0;
  let now = 0;
  let cancelled = 0;
  const work = pastLocks(
    () => (isFree || waited >= waits ? Promise.resolve("done") : Promise.reject(new StackLocked(said))),
    {
      stack: "kind",
      own,
      cancel: () => {
        cancelled++;
        isFree = cancel;
        return cancel ? Promise.resolve() : Promise.reject(new Error("no network"));
      },
      wait: (milliseconds) => {
        waited++;
        now += milliseconds;
        return Promise.resolve();
      },
      elapsed: () => now,
      onProgress: (line) => heard.push(line),
    },
  );
  return { work, heard, counts: () => ({ cancelled, waited }) };
}

describe("locks of a stack", () => {
  test("one that a dead process of ours has left is taken away at once", async () => {
    const pid = await ended();
    const { work, heard, counts } = locked([{ pid }]);

    expect(await work).toBe("done");
    expect(counts()).toEqual({ cancelled: 1, waited: 0 });
    expect(heard).toEqual([
      `the lock of ann@${hostname()} (process ${pid}), which was started here and has ended, is taken away`,
    ]);
    // It is not known any more: its number may be given again.
    expect(own.isHolding({ place: "", user: "ann", host: hostname(), pid, since: "" })).toBeUndefined();
  });

  test("one of a living process of ours is waited for, and named once", async () => {
    const pid = await started();
    const { work, heard, counts } = locked([{ pid }], { waits: 3 });

    expect(await work).toBe("done");
    expect(counts()).toEqual({ cancelled: 0, waited: 3 });
    expect(heard).toEqual([
      `the lock of stack kind is held by ann@${hostname()} (process ${pid}), since 2026-11-21T15:00:00Z (started here); waiting`,
    ]);
  });

  test("one of another machine is never taken away, and what to do is told", async () => {
    const pid = await ended();
    const { work, heard, counts } = locked([{ pid, host: "elsewhere" }]);
    const said = `the lock of stack kind is held by ann@elsewhere (process ${pid}), since 2026-11-21T15:00:00Z; if that is gone for sure: pulumi cancel --stack kind`;

    await expect(work).rejects.toThrow(`after ${LOCK_SECONDS / 60} min ${said}`);
    expect(heard).toEqual([`${said}; waiting`]);
    expect(counts().cancelled).toBe(0);
  });

  test("Pulumi Cloud does not say whose it is", async () => {
    const said = "[409] Conflict: Another update is currently in progress.";
    const { work, heard, counts } = locked([], { said, waits: 1 });

    await work;
    expect(heard).toEqual(["another update of stack kind runs; if it was killed: pulumi cancel --stack kind; waiting"]);
    expect(counts().cancelled).toBe(0);
  });

  test.each<[string, (pid: number) => Lock[]]>([
    ["a dead process that is not ours", (pid) => [{ pid: pid + 1 }]],
    ["ours and somebody else", (pid) => [{ pid }, { pid, host: "elsewhere" }]],
  ])("a lock of %s stays", async (_, locks) => {
    const { work, counts } = locked(locks(await ended()), { waits: 1 });
    await work;
    expect(counts().cancelled).toBe(0);
  });

  test("locks that are not all named stay", async () => {
    const pid = await ended();
    const { work, counts } = locked([], { said: refusal([{ pid }]).replaceAll("by 1 lock", "by 2 lock"), waits: 1 });
    await work;
    expect(counts().cancelled).toBe(0);
  });

  test("one alone takes a lock away: the other one waits", async () => {
    const pid = await ended();
    const lock = { place: "", user: "ann", host: hostname(), pid, since: "" };
    const giveBack = own.claim([lock]);

    expect(new OwnProcesses(join(folder, "stack")).claim([lock])).toBeUndefined();
    giveBack?.();
    expect(own.isHolding(lock)).toBe(false);
  });

  test("one that cannot be taken away is told, and tried again", async () => {
    const pid = await ended();
    const { work, heard, counts } = locked([{ pid }], { waits: 1, cancel: false });

    await work;
    expect(counts()).toEqual({ cancelled: 1, waited: 1 });
    expect(heard[0]).toBe(`the lock of ann@${hostname()} (process ${pid}), which has ended, cannot be taken away`);
  });

  test("any other failure is none of a lock's", async () => {
    const { elapsed, wait } = { elapsed: () => 0, wait: () => Promise.resolve() };
    const world = { stack: "kind", own, cancel: () => Promise.resolve(), wait, elapsed, onProgress: () => undefined };
    await expect(pastLocks(() => Promise.reject(new Error("no quota")), world)).rejects.toThrow("no quota");
  });
});

test.each([
  [refusal([{ pid: 1 }]), true],
  ["error: [409] Conflict: Another update is currently in progress.", true],
  ["error: no stack named 'kind' found", false],
])("%# says whether a lock is in the way", (said, expected) => {
  expect(isLocked(said)).toBe(expected);
});
