import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { progressOn } from "../../tools/progress";

const CLEAR = "\r\u001b[2K";

function written(isTTY: boolean, env: Record<string, string>): string[] {
  const lines: string[] = [];
  const task = progressOn({ isTTY, write: (text) => lines.push(text) }, env)("etcd v3.6.16", "building");
  jest.advanceTimersByTime(2_000);
  task.now("waiting for process 7, which builds it");
  jest.advanceTimersByTime(30_000);
  task.done();
  jest.advanceTimersByTime(60_000);
  return lines;
}

describe("progressOn", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test("given no terminal, plain lines at the start, at a change, every 30 seconds and at the end", () => {
    expect(written(false, {})).toStrictEqual([
      "etcd v3.6.16  building  0 s\n",
      "etcd v3.6.16  waiting for process 7, which builds it  2 s\n",
      "etcd v3.6.16  waiting for process 7, which builds it  30 s\n",
      "etcd v3.6.16  ready  32 s\n",
    ]);
  });

  test("given a terminal, one line that is rewritten every second, and a coloured end", () => {
    const lines = written(true, {});

    expect(lines.slice(0, 3)).toStrictEqual([
      `${CLEAR}etcd v3.6.16  building  0 s`,
      `${CLEAR}etcd v3.6.16  building  1 s`,
      `${CLEAR}etcd v3.6.16  building  2 s`,
    ]);
    expect(lines.at(-1)).toBe(`${CLEAR}etcd v3.6.16  \u001b[32mready\u001b[0m  32 s\n`);
  });

  test("given a terminal and NO_COLOR, no colour", () => {
    expect(written(true, { NO_COLOR: "1" }).at(-1)).toBe(`${CLEAR}etcd v3.6.16  ready  32 s\n`);
  });
});
