import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { OwnUpdates } from "../../../operations/pulumi/own-updates";

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

  test("each is noted for the stack that it works on", async () => {
    const updates = new OwnUpdates(cache, "a");
    const abort = new AbortController();
    const [pid] = await updates.run(
      () =>
        endless(() => {
          abort.abort();
        }),
      abort.signal,
    );
    const lock = { place: "file:///1.json", user: "ann", host: hostname(), pid, since: "2026-11-21T15:00:00Z" };

    expect(new OwnUpdates(cache, "a").processes.isHolding(lock)).toBe(false);
    expect(new OwnUpdates(cache, "b").processes.isHolding(lock)).toBeUndefined();
  });
});
